"""Any brand colour gives buttons, links and lines that can be read, in light and in dark."""
import colorsys

import pytest

from prm.ui.colour import contrast
from prm.ui.theme import DARK, DEFAULT, LIGHT, accents, theme_css

LIGHTNESSES = (0.02, 0.2, 0.35, 0.5, 0.65, 0.8, 0.98)


def _hex(hue: float, lightness: float, saturation: float) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in colorsys.hls_to_rgb(hue, lightness, saturation))


BRANDS = [_hex(hue / 24, light, saturation) for hue in range(24) for light in LIGHTNESSES for saturation in (0.2, 1)]


def test_every_brand_is_readable():
    for brand in BRANDS:
        light, dark = accents(brand)["light"], accents(brand)["dark"]
        for scale in (light, dark):
            assert contrast(scale["accent"], scale["accent-ink"]) >= 4.5, brand
            assert contrast(scale["accent-text"], scale["accent-soft"]) >= 4.5, brand
            assert contrast(scale["accent-hover"], scale["accent-ink"]) >= 4.5, brand
        assert contrast(light["accent-text"], LIGHT["canvas"]) >= 4.5, brand
        assert contrast(dark["accent-text"], DARK["raised"]) >= 4.5, brand
        assert contrast(light["accent-line"], LIGHT["surface"]) >= 3, brand
        assert contrast(dark["accent-line"], DARK["raised"]) >= 3, brand


@pytest.mark.parametrize("brand", ["", "red", "#12", "#4f46e5;}body{display:none", "#GGGGGG"])
def test_what_is_no_colour_gives_the_default(brand):
    assert theme_css(brand) == theme_css(DEFAULT)


def test_the_stylesheet_is_small_public_and_kept(browser):
    answer = browser("/theme.css?v=1", signed_in=False)
    assert answer.mimetype == "text/css" and len(answer.data) < 700
    assert "immutable" in answer.headers["Cache-Control"]


def test_the_logo_is_a_picture_of_its_own(browser, organisation):
    assert browser("/logo").status_code == 404
    organisation.logo = "data:image/png;base64,iVBORw0KGgo="
    answer = browser("/logo", signed_in=False)
    assert (answer.mimetype, answer.data[:4]) == ("image/png", b"\x89PNG")
    assert 'src="/logo?v=' in browser("/things/").text


@pytest.mark.parametrize(
    "logo", ["data:image/svg+xml;base64,PHN2Zz4=", "data:text/html;base64,PGI+", "data:image/png;base64,%%"]
)
def test_a_logo_that_could_hold_a_script_is_not_served(browser, organisation, logo):
    organisation.logo = logo
    assert browser("/logo").status_code == 404
