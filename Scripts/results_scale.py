"""docs/scale.md, from docs/results/scale.json (`leukoscope-lab scale evaluate`)."""

from results_tables import NONE, share, table

HEAD = """# The scale of an image

Written by `Scripts/results.py` from `docs/results/scale.json`, which `leukoscope-lab scale evaluate` wrote.

Cells are told by their size against the red cells beside them, so everything that reads cells stands on one number: how
many pixels wide a red cell is in this image. `ScaleEstimate` (`Sources/Imaging/Scale`, pixels in `Sources/CVision/scale*.cpp`)
measures it in two ways and gives it only where both agree.

## How

1. The image is turned to the side on which its light falls (whole-number moments), so that all eight turns and mirror
   images of it go on as the same pixels and end in the same numbers, to the bit.
2. It is reduced by area to 448 pixels on its longest side. Where that tells nothing, as in a photograph of many megapixels
   with small cells, five parts of it (its middle and the middles of its quarters) are looked at with half the reduction,
   again and again until nothing is reduced; three of the five have to agree within 15 %.
3. Stain density: the logarithm of light against the empty glass (median of the brightest fifth). Thresholds by Otsu over two
   or three classes; where only nuclei stand out, what counted as glass is divided once more.
4. **Outlines**: on reductions by 1, 2, 4, 8 … edges vote, along their gradients and inward, for the middles of circles of 4.5
   to 10 pixels radius; around each winner an ellipse is fitted to the edges that face its middle. Touching and overlapping
   cells are found by the part of their outline that is free.
5. **Discs**: the largest discs in the stained area, pale middles filled, that meet its border on 55 % of 32 rays; the size is
   that of the rays.
6. In both, things in the colour of nuclei are left out: those that take away green light far more than red and blue, and the
   darker kind where two kinds of colour stand clearly apart. The usual size is the peak of the sizes that are left.
7. The gate: at least 4 outlines and 3 discs, quartiles of sizes not too far apart, 62 % of the usual outline seen (textures
   without cells reach 61 %), both ways within 18 %. Else the image is refused with its reason (`ScaleRefusal`). The outlines count twice.

Unit: the mean side of the box that people draw around a red cell, √(width · height), in pixels of the image as it was
decoded; `edgePixels` is the distance from edge to edge. Boxes are drawn wider than cells are, by {box:.2f} on the half that
limits were chosen on; the ratio differs by a few percent from set to set, which no estimate can know.

Of a case, an image whose own red cells tell nothing is read at the scale of three or more others of its size (`CaseScale`).
`PooledScale` is the median over images of one device, with an uncertainty that never falls under 4 %, and names the images
that disagree. `ImageScale` says where a scale comes from: given by hand, known of the site (a stage micrometer), pooled,
estimated, default; the first one that is there wins. Micrometres from red cells are "about": 7.5 is a convention (Diez-Silva
et al. 2010, MRS Bulletin 35, 382 give 7.5 to 8.7), and people differ by 10 to 20 %. `FieldPlan` cuts an image into fields of
one red-cell size, its shape kept. `PixelAspect` gives squeezed sets their true shape back.
"""


def figures(row: dict) -> list[str]:
    return [
        str(row["images"]), share(row["refused"]), share(row.get("medianError")), share(row.get("within10")),
        share(row.get("within15")), share(row.get("within20")),
        NONE if row.get("medianRatio") is None else f"{row['medianRatio']:.3f}",
    ]


COLUMNS = ["images", "refused", "median error", "within 10 %", "within 15 %", "within 20 %", "estimate over truth"]


def boxed(results: dict) -> str:
    rows = []
    for row in results["sets"]:
        name = f"{row['set']}, {row['part']}"
        rows.append([f"**{name}**", *figures(row["figures"])])
        if row["part"] == "held out":
            rows += [
                [f"{name}: outlines alone", *figures(row["outlines"])],
                [f"{name}: discs alone", *figures(row["discs"])],
                [f"{name}: one constant", *figures(row["constant"])],
            ]
    rows.append(["**all, held out**", *figures(results["heldOut"])])
    return table(["set", *COLUMNS], rows)


def targets(results: dict) -> str:
    own = results["heldOut"]
    rows = [
        ["median error", share(own["medianError"]), "at most 6 %", own["medianError"] <= 0.06],
        ["within 15 %, of those not refused", share(own["within15"]), "at least 95 %", own["within15"] >= 0.95],
        ["refused", share(own["refused"]), "at most 15 %", own["refused"] <= 0.15],
    ]
    return table(
        ["held out", "measured", "target", "reached"],
        [[*row[:3], "yes" if row[3] else "**no**"] for row in rows])


def refusals(results: dict) -> str:
    counts: dict[str, int] = {}
    for row in results["sets"]:
        if row["part"] == "held out":
            for kind, count in row["refusals"].items():
                counts[kind] = counts.get(kind, 0) + count
    return ", ".join(f"`{kind}` {count}" for kind, count in sorted(counts.items())) or "none"


def failures(results: dict) -> str:
    rows = [
        [row["set"], row["file"][-16:], f"{row['factor']:.2f}", f"{row['truth']:.0f}", f"{row['outlines']:.0f}",
         f"{row['discs']:.0f}"]
        for row in results["failures"]
    ]
    return table(["set", "file", "factor", "truth", "outlines", "discs"], rows)


def series(results: dict) -> str:
    rows = []
    for row in results["series"]:
        middle, low, high = (row["edgePixels"] + [None] * 3)[:3]
        size = NONE if middle is None else f"{middle:.1f} ({low:.1f} to {high:.1f})"
        whole, quarter = row["whole"], row["quarter"]
        rows.append([
            row["name"], str(row["images"]), size, share(row["refused"]), share(whole.get("within10")),
            share(whole.get("within15")), share(quarter["refused"]), share(quarter.get("within15")),
        ])
    head = [
        "class, series, run", "images", "red cell, edge to edge: median (5 to 95 %)", "refused", "within 10 % of the run",
        "within 15 %", "quarters: refused", "quarters: within 15 %",
    ]
    return table(head, rows)


def page(results: dict) -> str:
    ranges = [[f"{row['from']} to {row['to']}", *figures(row["figures"])] for row in results["ranges"]]
    drawn = [[f"{row['redCellScale']}", str(row["side"]), *figures(row["figures"])] for row in results["drawn"]]
    pooled = [[row["set"], str(row["imagesEach"]), *figures(row["figures"])] for row in results["pooled"]]
    text = HEAD.format(box=results["boxPerEdge"]) + f"""
## Against boxes

`bccd` (640×480) and `txl` (fields of 416×416, single cells of 360×363), each image with at least five whole red cells resized by
a factor of its own, 0.2 to 1.5, so that red cells are 15 to 150 pixels wide. Of `txl`, {results['copiesRemoved']} images that show a picture of `bccd`
(correlation of grey miniatures above 0.9, turned ones too) are left out. Halves are cut by groups of likeness: limits were
chosen on one with the figures in view, the other was measured when they stood (a prototype cut the halves by miniatures of
24×24 pixels, so a dozen images may have changed sides). The truth is the median of √(width · height).
A constant for each set is the median of its chosen half.

{targets(results)}

{boxed(results)}

Refused, held out: {refusals(results)}.

By factor, held out:

{table(["factor", *COLUMNS], ranges)}

Held-out images that are more than 15 % off, in pixels:

{failures(results)}

Fields of `txl` are squeezed (boxes cluster at 0.85 and 1.2 times as wide as high); √(width · height) is used as it is.

Eight images of a set at one factor, pooled, against the median of their truths:

{table(["set", "images each", *COLUMNS], pooled)}
"""
    if results["series"]:
        text += f"""
## Over acquisition runs

Fields of one hospital without boxes, widened to 4:3 (`PixelAspect.squeezedFourToThree`). Within a run the magnification is one, so
its images have to agree; the runs are a draft, by colour and file number. *Quarters*: one quarter of each image, in which
red cells are as few as in fields of leukaemia, against the median of the whole images. These images were looked at while
the colours of nuclei were told apart.

{series(results)}
"""
    return text + f"""
## On drawn smears

80 drawings each, four classes, red cells 0.8 to 1.2 times as large while white cells stay. From edge to edge, against the
median of the drawn diameters:

{table(["red cells", "side", *COLUMNS], drawn)}

## Limits

- Red cells under about 9 pixels are not seen; at 448 pixels of the reduced image that is a fiftieth of the field.
- Both ways stand on one idea of what is a white cell. Where stain makes red cells as violet as nuclei, the image is refused;
  where white cells are as pale and grey as red ones and as many, the estimate can be too large.
- Overlapping red cells whose free outlines are short, and red cells of two sizes in one field, give most of the errors.
- The scale is that of this person's red cells: microcytes make everything look large.
"""
