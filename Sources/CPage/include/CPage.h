#pragma once

#include "CStatus.h"

// One page of a PDF file, drawn with cairo and pango in memory. Lengths are points (1/72 inch), the origin is the upper
// left corner. A page belongs to one thread at a time; several threads may draw pages of their own.

typedef struct CPPage CPPage;

typedef struct {
    double red, green, blue, alpha;  // 0 to 1
} CPColour;

typedef enum { CPAlignStart = 0, CPAlignCentre = 1, CPAlignEnd = 2 } CPAlignment;

typedef struct {
    double size;  // points
    int bold;
    CPColour colour;
    CPAlignment alignment;
    int maximumLines;  // more end in an ellipsis; 0 for any number
} CPTextStyle;

typedef struct {
    double x, y, width, height;
} CPBox;

// A new page. Free it with cp_page_free.
CSStatus cp_page_create(double width, double height, CPPage **page, CSError *error);
void cp_page_free(CPPage *page);

// What the file says of itself; `created` is ISO 8601. Texts are UTF-8.
void cp_page_describe(CPPage *page, const char *title, const char *author, const char *created);

// Lays out text (UTF-8, any script) in lines of `width`, draws it at x, y unless `drawn` is 0, and returns its height.
double cp_page_text(CPPage *page, const char *text, const CPTextStyle *style, double x, double y, double width,
                    int drawn);

// How many characters of what was drawn no installed font has; they stand there as boxes with their numbers.
int cp_page_unknown_glyphs(const CPPage *page);

// A filled rectangle with rounded corners.
void cp_page_fill(CPPage *page, CPBox box, double radius, CPColour colour);

// A baseline JPEG file, which goes into the PDF as it is, scaled into the box.
void cp_page_jpeg(CPPage *page, const uint8_t *bytes, size_t count, int widthPixels, int heightPixels, CPBox box);

// Ends the page, and tells what went wrong since it was made. Nothing can be drawn afterwards.
CSStatus cp_page_finish(CPPage *page, CSError *error);

// The file's bytes after cp_page_finish; they live as long as the page.
const uint8_t *cp_page_bytes(const CPPage *page);
size_t cp_page_count(const CPPage *page);
