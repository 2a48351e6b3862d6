import CQREncode
import Clinic

/// A text as a QR code (ISO/IEC 18004), drawn as SVG: error correction of level M, which 15 % of dirt does not harm, and the four
/// light squares around it that readers need.
struct QRCode: Sendable {
    /// Light squares on each side.
    private static let margin = 4

    /// Squares of the picture on each side, the margin among them.
    let side: Int
    /// The dark squares as the path of an SVG `path`, a square being one unit wide.
    let path: String

    /// - Throws: `ClinicError.storage` where the encoder has no memory, or the text has more than 2331 bytes or a NUL.
    init(_ text: String) throws {
        guard !text.utf8.contains(0), let code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M) else {
            throw ClinicError(.storage, fault: "A QR code cannot be made of \(text.utf8.count) bytes.")
        }
        defer { QRcode_free(code) }
        let width = Int(code.pointee.width)
        // The lowest bit of a byte says whether the square is dark.
        let squares = UnsafeBufferPointer(start: code.pointee.data, count: width * width).map { $0 & 1 == 1 }
        side = width + 2 * Self.margin
        path = (0..<width).map { Self.runs(squares[($0 * width)..<(($0 + 1) * width)], row: $0) }.joined()
    }

    /// The dark squares of a row, those beside each other as one rectangle.
    private static func runs(_ row: ArraySlice<Bool>, row y: Int) -> String {
        var (path, start): (String, Int?) = ("", nil)
        for (x, isDark) in zip(0..., Array(row) + [false]) {
            if isDark, start == nil { start = x }
            if !isDark, let begin = start {
                path += "M\(begin + margin) \(y + margin)h\(x - begin)v1h-\(x - begin)z"
                start = nil
            }
        }
        return path
    }
}
