import Foundation

/// Draws reports on threads of its own: laying out text takes some tens of milliseconds, which would block others.
///
/// `@unchecked Sendable`: the queue is set up once and never changed; `OperationQueue` documents adding operations from
/// any thread as safe.
public final class ReportPrinter: @unchecked Sendable {
    private let queue = OperationQueue()

    public init() {
        queue.name = "leukoscope.reports"
        queue.maxConcurrentOperationCount = 2
    }

    /// The report on one page of A4.
    ///
    /// - Parameters:
    ///   - report: What it says.
    ///   - picture: The file of the image as it was screened.
    ///   - heatMap: The file of the heat map over it; nil for a rejected image.
    /// - Returns: A PDF file.
    /// - Throws: `ImagingError` for a file that is no image, `ScreeningReportError.drawing`.
    public func pdf(of report: ScreeningReport, picture: [UInt8], heatMap: [UInt8]?) async throws -> [UInt8] {
        try await withCheckedThrowingContinuation { continuation in
            queue.addOperation {
                continuation.resume(
                    with: Result {
                        try report.pdf(picture: ReportPicture(picture), heatMap: heatMap.map { try ReportPicture($0) })
                    })
            }
        }
    }
}
