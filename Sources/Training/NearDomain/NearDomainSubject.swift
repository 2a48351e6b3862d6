import Datasets
import Findings
import Foundation
import Imaging
import Synchronization

/// A field that is changed and screened, with what it shows.
public struct NearDomainSubject: Sendable {
    /// The name of what fields of healthy people show; others have the key of their class.
    public static let healthy = "healthy"

    /// The file.
    public let url: URL
    /// Names the image; decides, with the seed, how strongly it is changed.
    let id: String
    /// Which collection it is from.
    let set: String
    /// nil for a healthy person.
    let label: SmearClass?
    /// The shape of its pixels.
    let aspect: PixelAspect
    /// Diameter of a red cell, by boxes that people drew; nil where it is estimated.
    let redCellPixels: Double?

    /// - Throws: `TrainingError` for a label that is no class.
    public init(_ image: TrainingImage, set: String, aspect: PixelAspect) throws {
        guard let label = SmearClass(index: image.label) else {
            throw TrainingError(.data, "\(image.id) is of class \(image.label), of which there is none")
        }
        (url, id, self.set, self.label, self.aspect) = (image.url, image.id, set, label, aspect)
        redCellPixels = nil
    }

    init(_ image: BoxedImage, set: String) {
        (url, id, self.set, label) = (image.file, "\(set)/\(image.file.lastPathComponent)", set, nil)
        (aspect, redCellPixels) = (.square, image.redCellPixels)
    }

    /// Whether a report of Benign would be a false reassurance.
    var isMalignant: Bool { label?.isMalignant ?? false }
    /// Whether it is from elsewhere, and so is brought to the size of the reference's red cells before all other changes.
    var isForeign: Bool { label == nil }
    /// The key of its class, or `healthy`.
    var kind: String { label?.rawValue ?? Self.healthy }

    /// The field as it is screened, in its true shape.
    /// - Throws: `TrainingError` naming the file.
    func image() throws -> RGBImage {
        do {
            return try aspect.widened(ImageDecoder.decode([UInt8](Data(contentsOf: url))))
        } catch {
            throw TrainingError(.data, "\(url.path) cannot be read: \(error)")
        }
    }
}

extension NearDomainSubject {
    /// The fields of healthy people in folders of boxed images: Pascal VOC where there are `Annotations`, else YOLO with white
    /// cells, red cells and platelets as classes 0, 1 and 2.
    ///
    /// Left out are images of fewer than five whole red cells, which are no fields, and pictures that stand in an earlier
    /// folder already.
    /// - Parameter folders: Names and folders.
    /// - Throws: `DatasetError` or `ImagingError`.
    public static func healthy(_ folders: [(name: String, folder: URL)]) throws -> [NearDomainSubject] {
        var subjects: [NearDomainSubject] = []
        var earlier: [ImageSimilarity] = []
        for (name, folder) in folders {
            let isVOC = FileManager.default.fileExists(atPath: folder.appending(path: "Annotations").path)
            let fields = try
                (isVOC
                ? BoxedImage.voc(folder: folder)
                : BoxedImage.yolo(folder: folder, kinds: [.whiteCell, .redCell, .platelet]))
                .filter { $0.redCellPixels != nil }.map { NearDomainSubject($0, set: name) }
            let likenesses = try AuditImages.concurrently(Array(fields.indices)) {
                try ImageSimilarity(of: fields[$0].image())
            }
            let known = earlier
            let isCopy = try AuditImages.concurrently(Array(fields.indices)) { place in
                known.contains { $0.correlation(with: likenesses[place]) > ScaleTrial.likeness }
            }
            subjects += zip(fields, isCopy).filter { !$1 }.map(\.0)
            earlier += likenesses
        }
        return subjects
    }

    /// At most so many of each set and class, evenly over their order.
    public static func limited(_ subjects: [NearDomainSubject], to count: Int) -> [NearDomainSubject] {
        let kinds = Dictionary(grouping: subjects.indices) { "\(subjects[$0].set) \(subjects[$0].kind)" }
        let kept = Set(
            kinds.values.flatMap { places in
                places.count <= count ? places : (0..<count).map { places[$0 * places.count / count] }
            })
        return subjects.indices.filter(kept.contains).map { subjects[$0] }
    }

    /// What the labelled images look like, those of other laboratories left aside.
    /// - Parameter progress: How many are measured, from any thread.
    /// - Throws: `TrainingError` naming a file that cannot be read, or where no image tells a scale; `ImagingError`.
    public static func reference(
        _ subjects: [NearDomainSubject], progress: @escaping Dataset.Progress = { _, _ in }
    ) throws -> NearDomainReference {
        let own = subjects.filter { !$0.isForeign }
        let done = Atomic(0)
        let reference = try NearDomainReference(
            AuditImages.concurrently(Array(own.indices)) { place in
                let measured = try NearDomainReference.Measurement(
                    own[place].image(), isMalignant: own[place].isMalignant, measuresScale: true)
                progress(done.add(1, ordering: .relaxed).newValue, own.count)
                return measured
            })
        guard reference.redCellPixels != nil else {
            throw TrainingError(.data, "no labelled image tells how large its red cells are")
        }
        return reference
    }
}
