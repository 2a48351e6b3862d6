#pragma once

#include "CStatus.h"

CS_BEGIN

typedef enum { CVFormatJPEG, CVFormatPNG, CVFormatTIFF, CVFormatBMP, CVFormatWebP, CVFormatHEIC } CVFormat;

/// How the alpha channel of the encoded image is meant.
typedef enum {
    /// No alpha, or alpha without meaning.
    CVAlphaNone = 0,
    /// Colours are not yet multiplied by alpha.
    CVAlphaStraight = 1,
    /// Colours are already multiplied by alpha.
    CVAlphaPremultiplied = 2,
} CVAlpha;

/// How the pixels of a Windows bitmap lie in its file.
typedef struct {
    /// First byte of the pixels, and of the palette.
    size_t pixels, palette;
    /// 1, 4, 8, 16, 24 or 32.
    int bitsPerPixel;
    /// Colours of the palette, and bytes of each (3 or 4).
    int paletteCount, paletteStride;
    /// Not 0 for pixels coded by run length, of 4 or 8 bits.
    int isRunLength;
    /// Not 0 where the first row of the file is the upper one.
    int isTopDown;
    /// Of 16 and 32 bits: which of them are red, green, blue and alpha.
    uint32_t masks[4];
} CVBitmap;

/// What the header of an encoded image says, and how it is wanted.
typedef struct {
    CVFormat format;
    /// Size as stored, before scaling and orientation, in pixels.
    int width, height;
    /// 1, 2, 4 or 8: decode at that fraction of the size, rounded up.
    int reduction;
    /// EXIF orientation 1 to 8, applied after decoding; 1 leaves the image as it is.
    int orientation;
    CVAlpha alpha;
    /// Samples a pixel of a JPEG file (1, 3 or 4).
    int jpegChannels;
    /// Where the directory of a TIFF file's page lies.
    uint64_t tiffDirectory;
    CVBitmap bitmap;
} CVDecodeRequest;

/// What a file says of its colours: an ICC profile, or else a curve with the places of its primaries.
typedef struct {
    /// An ICC profile (ISO 15076-1) of RGB; NULL where the file has none.
    const uint8_t *profile;
    size_t profileCount;
    /// Not 0 where the profile is a zlib stream, as in PNG's iCCP chunk.
    int isDeflated;
    /// Light is the sample to this power; 0 for the curve of sRGB. Used without a profile.
    double exponent;
    /// x and y of white, red, green and blue (CIE 1931).
    double chromaticities[8];
} CVColourSource;

/// What was done about a file's colour space.
typedef enum {
    /// The file declares none.
    CVColoursAssumed = 0,
    /// Declared to be sRGB; the pixels are as stored.
    CVColoursSRGB = 1,
    /// Turned into sRGB.
    CVColoursConverted = 2,
    /// The profile is damaged; the pixels are as stored.
    CVColoursDamaged = 3,
    /// The profile is of other colours than red, green and blue; the pixels are as stored.
    CVColoursNotRGB = 4,
    /// The curve is not one of a photograph, such as that of HDR film; the pixels are as stored.
    CVColoursUnknownCurve = 5,
} CVColours;

/// What decoding found out.
typedef struct {
    CVColours colours;
    /// Bits that the samples of a 16-bit file really use: 8, 10, 12, 14 or 16; they are stretched to the whole range.
    int usedBits;
} CVDecodeReport;

/// Decodes one image to 8-bit sRGB (IEC 61966-2-1, relative to white); alpha is laid over white, grey and CMYK become
/// RGB, and a colour profile is applied before 16 bits become 8.
///
/// Formats that allow it are decoded row by row and reduced on the way. `colours` may be NULL; of HEIC files the profile
/// is taken from the file itself. `pixels` takes `outputWidth * outputHeight * 3` bytes: the reduced size, sides swapped
/// for orientations 5 to 8.
CSStatus cv_decode(const uint8_t *bytes, size_t count, const CVDecodeRequest *request, const CVColourSource *colours,
                   uint8_t *pixels, int outputWidth, int outputHeight, CVDecodeReport *report, CSError *error);

/// What the boxes of a HEIC file say of its primary image.
typedef struct {
    /// Size as seen, in pixels: cropped, rotated and mirrored as the file asks.
    int width, height;
    /// Bits of one sample, 8 to 16.
    int bits;
    CVAlpha alpha;
    /// Pictures in the file that are no thumbnails, tiles or masks.
    int pictures;
} CVHEICHeader;

/// Reads the boxes of a HEIC file; no pixel is decoded.
CSStatus cv_heic_inspect(const uint8_t *bytes, size_t count, CVHEICHeader *header, CSError *error);

CS_END
