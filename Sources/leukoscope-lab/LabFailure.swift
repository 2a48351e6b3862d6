import ArgumentParser
import Cells
import Comparison
import Datasets
import Evaluation
import Foundation
import Imaging
import Inference
import Networks
import Packaging
import Reports
import Tensors
import Training

/// Says what went wrong and ends with the exit code that `sysexits.h` gives it.
enum LabFailure {
    static func exit(with error: any Error) -> Never {
        guard let code = code(of: error) else { LeukoscopeLab.exit(withError: error) }
        FileHandle.standardError.write(Data("leukoscope-lab: \(text(of: error))\n".utf8))
        // exit() would run C++ destructors under threads that may still be decoding images.
        fflush(nil)
        _exit(code)
    }

    /// nil for the argument parser's own errors, which it explains itself.
    private static func code(of error: any Error) -> Int32? {
        switch error {
        case let error as TrainingError: code(error.code)
        case let error as ComparisonError: code(error.code)
        case let error as DatasetError: error.code == .unwritable ? EX_UNAVAILABLE : EX_DATAERR
        case let error as NetworkError: error.code == .unwritable ? EX_UNAVAILABLE : EX_DATAERR
        case let error as SafetensorsError: error.code == .unwritable ? EX_UNAVAILABLE : EX_DATAERR
        case let error as PackagingError: error.code == .inputOutput ? EX_UNAVAILABLE : EX_DATAERR
        case let error as ReportError: error.code == .notWritable ? EX_UNAVAILABLE : EX_SOFTWARE
        case is ImagingError, is EvaluationError, is DecodingError, is CellError: EX_DATAERR
        case is CocoaError, is InferenceError: EX_UNAVAILABLE
        default: LeukoscopeLab.exitCode(for: error) == .failure ? EX_SOFTWARE : nil
        }
    }

    private static func code(_ code: TrainingError.Code) -> Int32 {
        switch code {
        case .configuration: EX_USAGE
        case .data, .run, .notFinite: EX_DATAERR
        case .library: EX_SOFTWARE
        case .interrupted: 130  // as the shell reports an end by Ctrl-C
        case .processes: EX_UNAVAILABLE
        }
    }

    private static func code(_ code: ComparisonError.Code) -> Int32 {
        switch code {
        case .usage: EX_USAGE
        case .file: EX_DATAERR
        case .library: EX_SOFTWARE
        case .interrupted: 130
        }
    }

    /// Foundation's errors describe themselves for programmers; the path and the reason are for people.
    private static func text(of error: any Error) -> String {
        guard let error = error as? CocoaError else { return "\(error)" }
        return [error.filePath, error.localizedDescription].compactMap { $0 }.joined(separator: ": ")
    }
}
