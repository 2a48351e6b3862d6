import CVision
import Findings
import NativeCalls

/// The boxes of a HEIC file (ISO/IEC 23008-12), as libheif reads them.
struct HEICFile {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func header() throws -> ImageHeader {
        var native = CVHEICHeader()
        try bytes.withUnsafeBufferPointer { bytes in
            try Native.call(failure: .corrupt, refusal: .unsupported, format: .heic) {
                cv_heic_inspect(bytes.baseAddress, bytes.count, &native, $0)
            }
        }
        guard native.width > 0, native.height > 0 else {
            throw ImagingError(.corrupt, "the HEIC file is damaged: it has no size", format: .heic)
        }
        var header = ImageHeader(format: .heic, width: Int(native.width), height: Int(native.height))
        header.bitsPerSample = Int(native.bits)
        switch native.alpha {
        case CVAlphaPremultiplied: header.alpha = .premultiplied
        case CVAlphaStraight: header.alpha = .straight
        default: break
        }
        header.channels = header.hasAlpha ? 4 : 3
        if native.pictures > 1 { header.notes.append(.pictures(count: Int(native.pictures))) }
        // The decoder's pictures and libheif's copy of one, each with colour at half the size, and its RGB.
        let pixels = max(header.storedPixels, min(CodedSizes.largest(in: bytes), 1 << 40))
        header.workingBytes = pixels &* (3 + header.channels) &* (header.bitsPerSample > 8 ? 2 : 1)
        return header
    }
}
