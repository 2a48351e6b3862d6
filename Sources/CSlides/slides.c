#include "CSlides.h"

#include <openslide.h>
#include <stdlib.h>

static openslide_t *opened(CSlide *slide) { return (openslide_t *)slide; }

const char *csl_version(void) { return openslide_get_version(); }

CSStatus csl_open(const char *path, CSlide **slide, CSError *error) {
    openslide_t *found = openslide_open(path);
    if (found == NULL) return cs_report(error, CSRefused, "OpenSlide knows no such format");
    const char *reason = openslide_get_error(found);
    if (reason != NULL) {
        CSStatus status = cs_report(error, CSFailed, reason);
        openslide_close(found);
        return status;
    }
    *slide = (CSlide *)found;
    return CSSucceeded;
}

void csl_close(CSlide *slide) {
    if (slide != NULL) openslide_close(opened(slide));
}

int32_t csl_level_count(CSlide *slide) { return openslide_get_level_count(opened(slide)); }

void csl_level(CSlide *slide, int32_t level, int64_t *width, int64_t *height, double *downsample) {
    *width = *height = -1;
    openslide_get_level_dimensions(opened(slide), level, width, height);
    *downsample = openslide_get_level_downsample(opened(slide), level);
}

const char *csl_property(CSlide *slide, const char *name) {
    return openslide_get_property_value(opened(slide), name);
}

const char *csl_associated_name(CSlide *slide, int32_t number) {
    const char *const *names = openslide_get_associated_image_names(opened(slide));
    for (int32_t place = 0; names[place] != NULL; place++) {
        if (place == number) return names[place];
    }
    return NULL;
}

void csl_associated_size(CSlide *slide, const char *name, int64_t *width, int64_t *height) {
    *width = *height = -1;
    openslide_get_associated_image_dimensions(opened(slide), name, width, height);
}

// OpenSlide gives native 32-bit words of alpha, red, green and blue, the colours multiplied by alpha already.
static void lay_on_white(const uint32_t *words, size_t count, uint8_t *rgb) {
    for (size_t place = 0; place < count; place++) {
        uint32_t word = words[place];
        uint32_t white = 255 - (word >> 24);
        uint32_t red = ((word >> 16) & 255) + white;
        uint32_t green = ((word >> 8) & 255) + white;
        uint32_t blue = (word & 255) + white;
        rgb[3 * place] = red > 255 ? 255 : (uint8_t)red;  // a damaged tile may hold more colour than alpha
        rgb[3 * place + 1] = green > 255 ? 255 : (uint8_t)green;
        rgb[3 * place + 2] = blue > 255 ? 255 : (uint8_t)blue;
    }
}

// After an error OpenSlide refuses all further reading of the slide; the text stays.
static CSStatus finish(CSlide *slide, uint32_t *words, size_t count, uint8_t *rgb, CSError *error) {
    const char *reason = openslide_get_error(opened(slide));
    CSStatus status = reason == NULL ? CSSucceeded : cs_report(error, CSFailed, reason);
    if (status == CSSucceeded) lay_on_white(words, count, rgb);
    free(words);
    return status;
}

CSStatus csl_read(CSlide *slide, int32_t level, int64_t x, int64_t y, int64_t width, int64_t height, uint8_t *rgb,
                  CSError *error) {
    size_t count = (size_t)width * (size_t)height;
    uint32_t *words = malloc(count * sizeof *words);
    if (words == NULL) return cs_report(error, CSOutOfMemory, "out of memory");
    openslide_read_region(opened(slide), words, x, y, level, width, height);
    return finish(slide, words, count, rgb, error);
}

CSStatus csl_read_associated(CSlide *slide, const char *name, uint8_t *rgb, CSError *error) {
    int64_t width, height;
    csl_associated_size(slide, name, &width, &height);
    if (width < 1 || height < 1) return cs_report(error, CSRefused, "the slide has no such image");
    size_t count = (size_t)width * (size_t)height;
    uint32_t *words = malloc(count * sizeof *words);
    if (words == NULL) return cs_report(error, CSOutOfMemory, "out of memory");
    openslide_read_associated_image(opened(slide), name, words);
    return finish(slide, words, count, rgb, error);
}
