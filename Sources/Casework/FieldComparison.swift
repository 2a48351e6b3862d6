import Clinic
import Findings
import Foundation
import Imaging
import Offloading
import Screening

/// Finds the images of a case that show the field of another, once each is screened and before its answer is stored: so no
/// verdict counts an image that was not compared.
struct FieldComparison: Sendable {
    /// How long an image is compared with the others of its case; those that are left over count as other fields.
    static let maximumTime: Duration = .seconds(4)

    let database: any ClinicDatabase

    /// Keeps what an image showed, and which images of its case show the same field.
    ///
    /// What is compared is stored first: of two workers with an image each, at least one finds the other's.
    func record(_ screened: ScreenedImage, of image: CaseImage) async throws {
        let facts = ImageFacts(
            imageID: image.id, model: screened.outcome.model, cells: screened.outcome.cells?.counts)
        let text = screened.likeness?.data.base64EncodedString()
        let (images, likenesses) = try await database.write { transaction in
            try transaction.record(facts, likeness: text)
            return (
                try transaction.images(of: image.caseID), try transaction.likenesses(of: image.caseID)
            )
        }
        let overlaps = try await overlaps(of: image, screened.likeness, among: images, likenesses)
        guard !overlaps.isEmpty else { return }
        try await database.write { try $0.record(overlaps, in: image.caseID) }
    }

    private func overlaps(
        of image: CaseImage, _ likeness: FieldLikeness?, among images: [CaseImage],
        _ likenesses: [(image: ImageID, likeness: String)]
    ) async throws -> [ImageOverlap] {
        let same = images.filter { $0.id != image.id && $0.sha256 == image.sha256 }.map(\.id)
        let identical = same.map { ImageOverlap(image.id, $0, .identical) }
        guard let likeness else { return identical }
        let others = likenesses.filter { $0.image != image.id && !same.contains($0.image) }
        return try await Offloading.process.compute {
            let end = ContinuousClock.now + Self.maximumTime
            return try identical
                + others.compactMap { other in
                    guard ContinuousClock.now < end, let data = Data(base64Encoded: other.likeness),
                        let relation = try FieldLikeness(data: data).flatMap({ try likeness.relation(to: $0) })
                    else { return nil }
                    return ImageOverlap(image.id, other.image, relation)
                }
        }
    }
}
