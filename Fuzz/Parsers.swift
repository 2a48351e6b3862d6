import Foundation
import Formats
import Imaging
import Packaging
import Tensors

/// A reader of bytes from outside, as libFuzzer calls it. What is malformed must be refused by throwing; everything else
/// (a trap, a crash, a leak, an input that takes very long) ends the run.
enum Parser: String, CaseIterable {
    /// JPEG, PNG, TIFF, BMP, WebP and HEIC headers with EXIF orientation and colour profile.
    case header
    /// As `header`, and the pixels, through the C++ of `CVision` and the libraries under it.
    case image
    /// ZIP and TAR, of model packages.
    case archive
    case safetensors
    case csv
    case multipart

    /// - Throws: What the reader throws for malformed bytes.
    func read(_ bytes: [UInt8]) throws {
        switch self {
        case .header: _ = try ImageDecoder.inspect(bytes)
        case .image:
            // Of few pixels, so that time goes into the reading of what is odd and not of what is large.
            let few = ImageLimits(maximumPixels: 65_536, minimumSide: 1, maximumWorkingBytes: 8_000_000)
            _ = try ImageDecoder.decode(bytes, limits: few)
        case .archive: _ = try PackageFiles(archive: bytes)
        case .safetensors: _ = try Safetensors.read(bytes: bytes)
        case .csv: csv(bytes)
        case .multipart: try multipart(bytes)
        }
    }

    /// In two pieces and in one, which must give the same.
    private func csv(_ bytes: [UInt8]) {
        var (whole, pieces) = (CSVReader(), CSVReader())
        let cut = Int(bytes.first ?? 0) % (bytes.count + 1)
        let once = whole.append(bytes) + whole.finish()
        let twice = pieces.append(bytes[..<cut]) + pieces.append(bytes[cut...]) + pieces.finish()
        precondition(once == twice, "the records depend on how the file comes")
    }

    private func multipart(_ bytes: [UInt8]) throws {
        let cut = Int(bytes.first ?? 0) % (bytes.count + 1)
        var parser = try MultipartParser(contentType: "multipart/form-data; boundary=b")
        _ = try parser.append(bytes[..<cut])
        _ = try parser.append(bytes[cut...])
        try parser.finish()
    }
}

private let parser: Parser = {
    let name = ProcessInfo.processInfo.environment["LEUKOSCOPE_FUZZ"] ?? ""
    guard let parser = Parser(rawValue: name) else {
        fatalError("LEUKOSCOPE_FUZZ is one of: \(Parser.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return parser
}()

/// libFuzzer's entry (https://llvm.org/docs/LibFuzzer.html).
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    do {
        try parser.read(Array(UnsafeBufferPointer(start: bytes, count: count)))
    } catch {
        // Refused, as it should be.
    }
    return 0
}
