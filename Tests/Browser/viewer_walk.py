"""A walk through the full view of a result: layers, light and colours, measuring, zooming, and the ways out of it."""

import re


def micrometres(text: str) -> float:
    """The length that the viewer tells."""
    found = re.search(r"([\d.]+) µm", text)
    return float(found.group(1)) if found else -1


def walk(page, name: str, checks) -> None:
    layers(page, name, checks)
    light(page, name, checks)
    measuring(page, name, checks)
    ways_out(page, name, checks)


def is_open(page) -> bool:
    return page.locator("#zoom").is_visible()


def open_tools(page) -> None:
    page.evaluate("document.getElementById('zoom-tools').open = true")


def layers(page, name: str, checks) -> None:
    page.click("#zoom-open")
    checks.that(is_open(page), f"{name}: the full view opens")
    open_tools(page)
    for layer, is_shown in (("heat", True), ("cells", False)):
        box = page.locator(f"#zoom-layers input[value={layer}]")
        shown = page.locator(f"#zoom-sheet [data-layer={layer}]")
        checks.that(box.is_checked() == is_shown, f"{name}: {layer} begins as the page shows it")
        checks.that(shown.is_visible() == is_shown, f"{name}: {layer} is shown when it is chosen")
        box.set_checked(not is_shown)
        checks.that(shown.is_visible() != is_shown, f"{name}: {layer} follows its box")
    page.locator("#zoom-opacity").fill("35")
    heat = page.locator("#zoom-sheet [data-layer=heat]")
    checks.that(heat.is_visible(), f"{name}: moving the slider shows the heat map")
    checks.that(heat.evaluate("e => getComputedStyle(e).opacity") == "0.35", f"{name}: opacity")
    checks.that("heat-colours" in heat.evaluate("e => getComputedStyle(e).filter"), f"{name}: the map is coloured")
    checks.page(page, f"{name}-tools")


def light(page, name: str, checks) -> None:
    photo = page.locator("#zoom-sheet img.photo").first
    look = "e => getComputedStyle(e).filter"
    checks.that(photo.evaluate(look) == "none", f"{name}: the image begins as it is")
    page.locator("#look-brightness").fill("150")
    page.locator("#look-contrast").fill("80")
    page.check("input[name=look-channel][value=green]")
    found = photo.evaluate(look)
    checks.that("channel-green" in found and "brightness(1.5)" in found and "contrast(0.8)" in found, f"{name}: {found}")
    page.click("#look-reset")
    checks.that(photo.evaluate(look) == "none", f"{name}: reset")
    checks.that(page.is_checked("input[name=look-channel][value=all]"), f"{name}: reset shows all colours")


def measuring(page, name: str, checks) -> None:
    """The same length by a line, by two taps and by keys; zooming changes no length."""
    page.evaluate("document.getElementById('zoom-tools').open = false")
    page.click("[data-zoom=fit]")
    open_tools(page)
    page.click("#look-measure")
    told = page.locator(".measure-told")
    checks.that("Tap" in told.inner_text(), f"{name}: says how to measure")
    scale = float(page.get_attribute("#look", "data-scale"))
    sheet = page.locator("#zoom-sheet").bounding_box()
    pixels = int(page.get_attribute("#zoom", "data-width"))
    left, middle = sheet["x"] + sheet["width"] * 0.25, sheet["y"] + sheet["height"] / 2
    right = left + sheet["width"] * 0.5
    page.mouse.move(left, middle)
    page.mouse.down()
    page.mouse.move(right, middle, steps=4)
    page.mouse.up()
    wanted = 0.5 * pixels * scale
    drawn = micrometres(told.inner_text())
    checks.that(abs(drawn - wanted) < 0.03 * wanted, f"{name}: a line of {wanted:.1f} µm is told as {told.inner_text()}")
    checks.that("about" in told.inner_text(), f"{name}: a scale by red cells is about right")
    page.mouse.click(left, middle)
    checks.that("ends" in told.inner_text(), f"{name}: one tap waits for the other")
    page.mouse.click(right, middle)
    tapped = micrometres(told.inner_text())
    checks.that(abs(tapped - drawn) < 0.03 * wanted, f"{name}: two taps tell {tapped}, a line {drawn}")
    checks.page(page, f"{name}-measure")
    page.locator("#zoom-stage").focus()
    page.keyboard.press("Enter")
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    by_keys = micrometres(told.inner_text())
    wanted = 40 / sheet["width"] * pixels * scale
    checks.that(abs(by_keys - wanted) < 0.06 * wanted + 0.1, f"{name}: the keys tell {by_keys}, not {wanted:.1f}")
    page.keyboard.press("+")
    checks.that(micrometres(told.inner_text()) == by_keys, f"{name}: zooming changes no length")
    bar = page.locator(".scale-bar")
    length = micrometres(bar.inner_text())
    shown = page.locator("#zoom-sheet").bounding_box()["width"] / pixels
    width = bar.locator("span").first.evaluate("e => e.getBoundingClientRect().width")
    checks.that(abs(width / shown * scale - length) < 0.05 * length + 0.05, f"{name}: a bar of {length} µm is {width} px wide")
    page.click("#look-measure")
    checks.that(told.inner_text() == "", f"{name}: measuring ends")


def scrolls_past(page, name: str, checks) -> None:
    """A page with the image in it scrolls over the image while all of that is seen, by finger and by wheel; then they move it."""
    stage = page.locator("#reading-stage")
    session = page.context.new_cdp_session(page)

    def swipe() -> None:
        box = stage.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
        for step in range(1, 13):
            session.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x, "y": y - 12 * step}]})
            page.wait_for_timeout(16)
        session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        page.wait_for_timeout(250)

    def turn() -> None:
        box = stage.bounding_box()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.wheel(0, 120)
        page.wait_for_timeout(250)

    def spread() -> None:
        """Two fingers apart."""
        box = stage.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        for step in range(8):
            fingers = [{"x": x - 20 - 8 * step, "y": y, "id": 0}, {"x": x + 20 + 8 * step, "y": y, "id": 1}]
            session.send("Input.dispatchTouchEvent", {"type": "touchMove" if step else "touchStart", "touchPoints": fingers})
            page.wait_for_timeout(16)
        session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    scale = "() => document.getElementById('reading-stage').zoomable.view.scale"
    before = page.evaluate(scale)
    spread()
    checks.that(page.evaluate(scale) > 1.5 * before, f"{name}: two fingers zoom")
    checks.that(page.evaluate("visualViewport.scale") == 1, f"{name}: two fingers do not zoom the page")
    for way, scroll in (("finger", swipe), ("wheel", turn)):
        page.evaluate("() => { document.getElementById('reading-stage').zoomable.fit(); scrollTo({top: 0, behavior: 'instant'}); }")
        scroll()
        checks.that(page.evaluate("scrollY") > 40, f"{name}: the page scrolls by {way} while the image fits")
        page.evaluate("() => { document.getElementById('reading-stage').zoomable.zoom(4); scrollTo({top: 0, behavior: 'instant'}); }")
        scroll()
        checks.that(page.evaluate("scrollY") == 0, f"{name}: by {way} the enlarged image moves, not the page")
    page.evaluate("() => { document.getElementById('reading-stage').zoomable.fit(); scrollTo({top: 0, behavior: 'instant'}); }")


def ways_out(page, name: str, checks) -> None:
    result = page.url
    page.go_back()
    checks.that(not is_open(page) and page.url == result, f"{name}: Back closes the full view and stays on the page")
    page.go_forward()
    checks.that(is_open(page) and page.url == result, f"{name}: Forward opens it again")
    page.keyboard.press("Escape")
    page.wait_for_function("() => !document.getElementById('zoom').open && !history.state?.isFullView")
    checks.that(page.url == result, f"{name}: Escape closes it")
    checks.that(page.evaluate("document.activeElement.id") == "zoom-open", f"{name}: the focus is where it was")
    page.click("#zoom-open")
    page.click("[data-zoom=close]")
    page.wait_for_function("() => !document.getElementById('zoom').open && !history.state?.isFullView")
    checks.that(page.url == result, f"{name}: the button closes it")
