import ArgumentParser
import Datasets
import Evaluation
import Foundation
import Imaging
import Networks
import Packaging
import Training

/// Says what went wrong and ends with the exit code that `sysexits.h` gives it.
enum LabFailure {
    static func exit(with error: any Error) -> Never {
        guard let code = code(of: error) else { LeukoscopeLab.exit(withError: error) }
        FileHandle.standardError.write(Data("leukoscope-lab: \(error)\n".utf8))
        // exit() would run C++ destructors under threads that may still be decoding images.
        fflush(nil)
        _exit(code)
    }

    /// nil for the argument parser's own errors, which it explains itself.
    private static func code(of error: any Error) -> Int32? {
        switch error {
        case let error as TrainingError: code(error.code)
        case is DatasetError, is ImagingError, is EvaluationError: EX_DATAERR
        case is NetworkError, is PackagingError: EX_DATAERR
        case is CocoaError: EX_UNAVAILABLE
        default: nil
        }
    }

    private static func code(_ code: TrainingError.Code) -> Int32 {
        switch code {
        case .configuration: EX_USAGE
        case .data, .run, .notFinite: EX_DATAERR
        case .library: EX_SOFTWARE
        case .interrupted: 130  // as the shell reports an end by Ctrl-C
        }
    }
}
