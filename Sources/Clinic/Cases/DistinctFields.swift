import Findings

/// The fields of view that a case has, each counted once.
///
/// Images are taken by rank, then in their order; one that shows a field of an image taken before, or a part of it, does not
/// count. So what counts does not overlap, and of images of one field the most serious answer counts.
struct DistinctFields {
    /// Those that count.
    let counted: [CaseField]
    /// Images that do not count, each with the one that stands for it.
    let repeated: [CaseVerdict.Repetition]

    init(_ fields: [CaseField], _ overlaps: [ImageOverlap]) {
        var relations: [ImageID: [ImageID: FieldRelation]] = [:]
        for overlap in overlaps {
            relations[overlap.first, default: [:]][overlap.second] = overlap.relation
            relations[overlap.second, default: [:]][overlap.first] = overlap.relation
        }
        let order = fields.indices.filter { fields[$0].isUsable }
            .sorted { (fields[$1].rank, $0) < (fields[$0].rank, $1) }
        var places: [Int] = []
        var repeated: [CaseVerdict.Repetition] = []
        for place in order {
            let found = places.lazy.compactMap { taken -> CaseVerdict.Repetition? in
                guard let image = fields[place].imageID, let other = fields[taken].imageID,
                    let relation = relations[image]?[other]
                else { return nil }
                return .init(image: image, of: other, relation: relation)
            }.first
            if let found { repeated.append(found) } else { places.append(place) }
        }
        counted = places.sorted().map { fields[$0] }
        self.repeated = repeated
    }
}
