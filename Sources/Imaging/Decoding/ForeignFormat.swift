/// Kinds of files that people send for images and that are not read, told by their first bytes, so that they can be
/// named for what they are.
public enum ForeignFormat: String, Sendable, CaseIterable {
    case gif, avif, jpegXL, jpeg2000, photoshop, cameraRaw, dicom, pdf, video, archive

    /// - Returns: Nil for bytes of none of these kinds.
    init?(_ bytes: [UInt8]) {
        func has(_ text: String, at offset: Int = 0) -> Bool {
            offset < bytes.count && bytes[offset...].starts(with: Array(text.utf8))
        }
        func begins(_ signature: [UInt8]) -> Bool { bytes.starts(with: signature) }
        // ISO 32000-2, annex I: readers take a header anywhere in the first 1024 bytes.
        let start = bytes.prefix(1024)
        if has("GIF8") {
            self = .gif
        } else if has("DICM", at: 128) {
            self = .dicom
        } else if has("8BPS") {
            self = .photoshop
        } else if has("PK\u{3}\u{4}") {
            self = .archive
        } else if begins([0xFF, 0x0A]) || has("JXL ", at: 4) {
            self = .jpegXL
        } else if begins([0xFF, 0x4F, 0xFF, 0x51]) || has("jP  ", at: 4) {
            self = .jpeg2000
        } else if let brand = ISOBrand(bytes) {
            switch brand {
            case .avif: self = .avif
            case .cameraRaw: self = .cameraRaw
            case .video: self = .video
            case .heic: return nil
            }
        } else if Self.isVideo(has, begins) {
            self = .video
        } else if start.indices.contains(where: { bytes[$0...].starts(with: Array("%PDF-".utf8)) }) {
            self = .pdf
        } else {
            return nil
        }
    }

    /// Matroska and WebM, AVI, MPEG, Windows Media, and QuickTime without a list of brands.
    private static func isVideo(_ has: (String, Int) -> Bool, _ begins: ([UInt8]) -> Bool) -> Bool {
        begins([0x1A, 0x45, 0xDF, 0xA3]) || (has("RIFF", 0) && has("AVI ", 8)) || begins([0, 0, 1, 0xBA])
            || begins([0, 0, 1, 0xB3]) || begins([0x30, 0x26, 0xB2, 0x75]) || has("moov", 4) || has("mdat", 4)
            || has("wide", 4)
    }

    /// What it is and what to do, as a part of an English sentence; people are told in their language.
    var explanation: String {
        let remedy = "; save it as JPEG, PNG or TIFF"
        return switch self {
        case .gif: "the file is a GIF, which holds 256 colours at most" + remedy + " where the picture was taken"
        case .avif: "the file is an AVIF image" + remedy
        case .jpegXL: "the file is a JPEG XL image" + remedy
        case .jpeg2000: "the file is a JPEG 2000 image" + remedy
        case .photoshop: "the file is a Photoshop document" + remedy
        case .cameraRaw: "the file holds a camera's raw data; develop it and save it as JPEG, PNG or TIFF"
        case .dicom: "the file is a DICOM object; export its image as PNG or TIFF"
        case .pdf: "the file is a PDF document; export the picture in it as PNG or JPEG"
        case .video: "the file is a video; take a still picture of a sharp field and send that"
        case .archive: "the file is a ZIP archive or an office document; take the pictures out and send those"
        }
    }
}

/// What the brands at the start of a file in the ISO base media format say it is (ISO/IEC 14496-12, 4.3).
enum ISOBrand {
    case heic, avif, cameraRaw, video

    /// - Returns: Nil for another format.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 12, bytes[4..<8].elementsEqual("ftyp".utf8) else { return nil }
        let length = bytes[..<4].reduce(0) { $0 << 8 | Int($1) }
        let end = min(max(length, 16), bytes.count, 4096)
        let starts = [8] + Array(stride(from: 16, to: end - 3, by: 4))
        let brands = starts.map { String(decoding: bytes[$0..<$0 + 4], as: UTF8.self) }
        let isHEIC = brands.contains { ["heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs"].contains($0) }
        switch brands[0] {
        case "avif", "avis": self = .avif
        case "crx ": self = .cameraRaw
        case _ where isHEIC: self = .heic
        case _ where brands.contains("avif"): self = .avif
        case "mif1", "mif2", "msf1": self = .heic
        default: self = .video
        }
    }
}
