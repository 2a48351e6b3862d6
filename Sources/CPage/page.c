#include "CPage.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cairo-pdf.h>
#include <pango/pangocairo.h>

// Noto has every script of the catalogue, a font each, WenQuanYi the letters of Chinese, Japanese and Korean; fontconfig falls back
// to other fonts for the rest. Pango itself looks for a font of emoji, which go into the PDF as pictures.
static const char *const family = "Noto Sans, Noto Sans Devanagari, Noto Sans Tamil, DejaVu Sans, WenQuanYi Micro Hei, sans-serif";

struct CPPage {
    cairo_surface_t *surface;
    cairo_t *context;
    uint8_t *bytes;
    size_t count, capacity;
    int unknownGlyphs;
};

static cairo_status_t keep(void *closure, const unsigned char *data, unsigned int length) {
    CPPage *page = closure;
    if (page->capacity - page->count < length) {
        size_t capacity = page->capacity * 2 + length + 4096;
        uint8_t *bytes = realloc(page->bytes, capacity);
        if (bytes == NULL) return CAIRO_STATUS_NO_MEMORY;
        page->bytes = bytes;
        page->capacity = capacity;
    }
    memcpy(page->bytes + page->count, data, length);
    page->count += length;
    return CAIRO_STATUS_SUCCESS;
}

CSStatus cp_page_create(double width, double height, CPPage **page, CSError *error) {
    CPPage *made = *page = calloc(1, sizeof *made);
    if (made == NULL) return cs_report(error, CSOutOfMemory, "out of memory");
    // cairo's own errors stay in surface and context until cp_page_finish tells them.
    made->surface = cairo_pdf_surface_create_for_stream(keep, made, width, height);
    made->context = cairo_create(made->surface);
    return CSSucceeded;
}

void cp_page_free(CPPage *page) {
    if (page == NULL) return;
    cairo_destroy(page->context);
    cairo_surface_destroy(page->surface);
    free(page->bytes);
    free(page);
}

void cp_page_describe(CPPage *page, const char *title, const char *author, const char *created) {
    cairo_pdf_surface_set_metadata(page->surface, CAIRO_PDF_METADATA_TITLE, title);
    cairo_pdf_surface_set_metadata(page->surface, CAIRO_PDF_METADATA_AUTHOR, author);
    cairo_pdf_surface_set_metadata(page->surface, CAIRO_PDF_METADATA_CREATE_DATE, created);
}

static void use(cairo_t *context, CPColour colour) {
    cairo_set_source_rgba(context, colour.red, colour.green, colour.blue, colour.alpha);
}

double cp_page_text(CPPage *page, const char *text, const CPTextStyle *style, double x, double y, double width,
                    int drawn) {
    PangoLayout *layout = pango_cairo_create_layout(page->context);
    PangoFontDescription *font = pango_font_description_from_string(family);
    pango_font_description_set_absolute_size(font, style->size * PANGO_SCALE);
    pango_font_description_set_weight(font, style->bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_layout_set_font_description(layout, font);
    pango_font_description_free(font);
    pango_layout_set_width(layout, (int)(width * PANGO_SCALE));
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_line_spacing(layout, 1.15f);
    static const PangoAlignment alignments[] = {PANGO_ALIGN_LEFT, PANGO_ALIGN_CENTER, PANGO_ALIGN_RIGHT};
    pango_layout_set_alignment(layout, alignments[style->alignment]);
    if (style->maximumLines > 0) {
        pango_layout_set_height(layout, -style->maximumLines);
        pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
    }
    pango_layout_set_text(layout, text, -1);
    int height = 0;
    pango_layout_get_size(layout, NULL, &height);
    if (drawn) {
        page->unknownGlyphs += pango_layout_get_unknown_glyphs_count(layout);
        use(page->context, style->colour);
        cairo_move_to(page->context, x, y);
        pango_cairo_show_layout(page->context, layout);
    }
    g_object_unref(layout);
    return (double)height / PANGO_SCALE;
}

void cp_page_fill(CPPage *page, CPBox box, double radius, CPColour colour) {
    cairo_t *context = page->context;
    radius = fmin(radius, fmin(box.width, box.height) / 2);
    const double left = box.x + radius, right = box.x + box.width - radius;
    const double top = box.y + radius, bottom = box.y + box.height - radius, quarter = acos(0);
    cairo_new_path(context);
    cairo_arc(context, right, top, radius, -quarter, 0);
    cairo_arc(context, right, bottom, radius, 0, quarter);
    cairo_arc(context, left, bottom, radius, quarter, 2 * quarter);
    cairo_arc(context, left, top, radius, 2 * quarter, 3 * quarter);
    cairo_close_path(context);
    use(context, colour);
    cairo_fill(context);
}

void cp_page_jpeg(CPPage *page, const uint8_t *bytes, size_t count, int widthPixels, int heightPixels, CPBox box) {
    // The PDF takes the attached file; the surface only tells its size ("MIME data", cairo_surface_set_mime_data).
    cairo_surface_t *image = cairo_image_surface_create(CAIRO_FORMAT_RGB24, widthPixels, heightPixels);
    uint8_t *copy = malloc(count);
    if (copy != NULL) {
        memcpy(copy, bytes, count);
        if (cairo_surface_set_mime_data(image, CAIRO_MIME_TYPE_JPEG, copy, count, free, copy) != CAIRO_STATUS_SUCCESS)
            free(copy);
    }
    cairo_save(page->context);
    cairo_translate(page->context, box.x, box.y);
    cairo_scale(page->context, box.width / widthPixels, box.height / heightPixels);
    cairo_set_source_surface(page->context, image, 0, 0);
    cairo_paint(page->context);
    cairo_restore(page->context);
    cairo_surface_destroy(image);
}

CSStatus cp_page_finish(CPPage *page, CSError *error) {
    cairo_status_t status = cairo_status(page->context);
    if (status == CAIRO_STATUS_SUCCESS) {
        cairo_show_page(page->context);
        cairo_surface_finish(page->surface);
        status = cairo_surface_status(page->surface);
    }
    if (status == CAIRO_STATUS_SUCCESS) return CSSucceeded;
    return cs_report(error, status == CAIRO_STATUS_NO_MEMORY ? CSOutOfMemory : CSFailed, cairo_status_to_string(status));
}

int cp_page_unknown_glyphs(const CPPage *page) { return page->unknownGlyphs; }

const uint8_t *cp_page_bytes(const CPPage *page) { return page->bytes; }

size_t cp_page_count(const CPPage *page) { return page->count; }
