import Findings
import Imaging
import Offloading

/// Files of drawn smears, for whoever has no threads to draw on.
public enum DrawnPicture {
    /// A smear of a class as a JPEG file; the same seed gives the same drawing.
    ///
    /// - Throws: `ImagingError`, `CancellationError`.
    public static func jpeg(of smearClass: SmearClass, seed: UInt64) async throws -> [UInt8] {
        try await Offloading.process.compute {
            try ImageEncoder.jpeg(DrawnSmear.draw(class: smearClass.index, seed: seed), quality: 90)
        }
    }
}
