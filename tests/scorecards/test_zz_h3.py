import copy
from tests.scorecards.test_paper import card, _long
from prm.scorecards import paper
from pypdf import PdfReader
import io
def test_it(card):
    out='/tmp/w/h3/pdf/'
    open(out+'long.pdf','wb').write(paper.document(_long(card)))
    c=copy.deepcopy(card)
    name=("Northwind International Wholesale and Retail of Bicycles, Parts, Clothing and Accessories "*3)[:200]
    kn=("Revenue of accessories and clothing, returns and rebates taken off, in all territories "*3)[:200]
    c["partner"]|={"name":name,"tier":"Distinguished Platinum Plus "*2,"type":("Value added reseller "*10)[:200],"territory":("North of the river "*12)[:200], "manager":("Maria Antonia Keller "*10)[:120]}
    c["org"]|={"name":("Kestrel Alliance of Manufacturers "*5)[:120]}
    c["kpis"]=[card["kpis"][0]|{"id":i,"name":kn, "value":"123456789.12"} for i in range(12)]
    c["deals"]=[card["deals"][0]|{"title":("Framework agreement "*12)[:200],"customer":("Customer company "*15)[:200]} for i in range(5)]
    open(out+'names.pdf','wb').write(paper.document(c))
    c["partner"]["name"]="W"*200; c["kpis"]=[k|{"name":"W"*200} for k in c["kpis"]]
    c["note"]="Words to the partner. "*90
    open(out+'solid.pdf','wb').write(paper.document(c))
    full = card | {"note": "Words to the partner. " * 90}
    full["kpis"] = [card["kpis"][0] | {"id": at, "name": f"Revenue of region {at}"} for at in range(12)]
    full["deals"] = [card["deals"][0] | {"title": f"Framework agreement {at}"} for at in range(5)]
    open(out+'full.pdf','wb').write(paper.document(full))
    for n in ('long','names','solid','full'): print(n,len(PdfReader(out+n+'.pdf').pages))
