import Clinic
import Findings
import Imaging

/// The scale of the images of one case: where an image's own red cells tell nothing, as between crowded blasts, those of its
/// neighbours count.
enum CaseScale {
    /// What was measured in the other images of the case that are as large as this one, turned or not.
    /// - Returns: nil where fewer than `PooledScale.minimumImages` tell it, or they disagree.
    static func pooled(
        beside record: ScreeningRecord, _ image: CaseImage, in transaction: any ScreeningRows
    ) throws -> PooledScale? {
        let size = Set([image.width, image.height])
        let others = try transaction.screenings(of: record.caseID).filter { $0.id != record.id }.compactMap(\.outcome)
        return PooledScale.pool(
            others.compactMap { other in
                guard Set([other.image.width, other.image.height]) == size, other.cells?.scale.source == .measured
                else { return nil }
                return other.cells?.scale.redCellPixels
            })
    }
}
