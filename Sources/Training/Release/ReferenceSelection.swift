import Evaluation
import Packaging
import Tensors

/// Chooses the training images that a package carries as `ReferenceCases`.
enum ReferenceSelection {
    /// Images of each class.
    static let perClass = 75

    /// As many of each class, spread over it (`KCenterSelection`): the typical ones and the borders, duplicates once.
    /// - Parameters:
    ///   - training: Unaugmented answers to the training images.
    ///   - items: The images of the data set, for their names.
    /// - Returns: Nil where there are fewer than three images to choose from, or they do not differ.
    /// - Throws: `PackagingError` or `EvaluationError`.
    static func choose(_ training: Predictions, items: [TrainingImage], classes: Int) throws -> ReferenceCases? {
        let units = training.embeddings.map { rounded(CalibratedModel.normalized($0)) }
        let chosen = (0..<classes).flatMap { label in
            let members = units.indices.filter { training.labels[$0] == label && units[$0].contains { $0 != 0 } }
            return KCenterSelection.choose(members.map { units[$0] }, count: perClass).map { members[$0] }
        }
        let embeddings = chosen.map { units[$0] }
        guard embeddings.count >= 3, let size = embeddings.first?.count else { return nil }
        let plane: PrincipalComponents
        do {
            plane = try PrincipalComponents(embeddings, count: 2)
        } catch let error as EvaluationError where error.code == .parameter {
            return nil  // all lie on one line: there is no plane to draw
        }
        return try ReferenceCases(
            ids: chosen.map { items[training.indices[$0]].id }, labels: chosen.map { training.labels[$0] },
            embeddings: Tensor(shape: [chosen.count, size], values: embeddings.flatMap(\.self)),
            projectionMean: Tensor(shape: [size], values: plane.mean),
            projectionComponents: Tensor(shape: [2, size], values: plane.components.flatMap(\.self)), classes: classes)
    }

    /// As the file will hold them, so that what was chosen is what is read.
    private static func rounded(_ values: [Float]) -> [Float] { values.map { Float(Float16($0)) } }
}
