/* Ordering by drag: SortableJS moves the thing, then the form that the buttons beside it belong to says where it is now. */
(() => {
  const send = (form, name, value) => {
    const button = Object.assign(document.createElement("button"), { name, value, hidden: true, formNoValidate: true });
    form.append(button);
    form.requestSubmit(button);
    button.remove();
  };
  const dropped = ({ from, to: list, item, oldDraggableIndex: at, newDraggableIndex: to }) => {
    if (at === to && from === list) return;
    const place = item.querySelector("input[name=order]");
    if (place) place.value = place.value.replace(/^[^/]*/, list.dataset.page); // a question that came onto another page
    const own = item.querySelector("form");
    if (own) return send(own, "do", `to:${to}`); // a tile has a form of its own
    const form = from.closest("form");
    /* hidden inputs of one name are in their new order already; others say their place in their names */
    from.dataset.sort ? send(form, "move", `${from.dataset.sort}.${at}:${to}`) : form.requestSubmit();
  };
  const start = () =>
    document.querySelectorAll("[data-sort]").forEach((list) => {
      if (!Sortable.get(list)) Sortable.create(list, { handle: ".grip", group: list.dataset.group, animation: 120, ghostClass: "dragged", onEnd: dropped });
    });
  /* a tile is as wide as its slider is drawn, or moved with the arrow keys: the next of the widths there are */
  const nearest = (slider) => slider.dataset.widths.split(" ").reduce((best, each) => (Math.abs(each - slider.value) < Math.abs(best - slider.value) ? each : best));
  document.addEventListener("input", ({ target }) => {
    if (!target.dataset?.widths) return;
    target.nextElementSibling.value = `${nearest(target)} of 12`;
    target.setAttribute("aria-valuetext", `${nearest(target)} of 12 columns`);
  });
  document.addEventListener("change", ({ target }) => {
    if (!target.dataset?.widths) return;
    target.value = nearest(target);
    target.setAttribute("aria-valuetext", `${target.value} of 12 columns`);
  });
  document.documentElement.classList.add("drags");
  start();
  document.addEventListener("htmx:after:swap", start);
})();
