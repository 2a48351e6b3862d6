/// How well a specialty fits what a doctor is needed for, 0 to 1.
///
/// A judgement, not a measurement, and written down to be argued with. Acute leukaemia is treated by haemato-oncologists
/// and haematologists, a child's by paediatric haemato-oncologists; where the image gave no answer the smear is made
/// again and shown to somebody who reads smears by profession. A general practitioner knows the way to all of them and
/// comes last.
extension DoctorRanking {
    /// A doctor who fits at least so well suits: the search widens until enough of them are found.
    public static let suitableFit = 0.7

    /// A specialty that is not the doctor's main one counts this part of it.
    public static let furtherSpecialty = 0.9

    /// What fits a doctor who does not say that children are seen, for a child, counts this part of it.
    public static let notForChildren = 0.5

    /// How well a specialty fits.
    public static func fit(
        of specialty: Specialty, for need: RecommendationRequest.Need, isChild: Bool
    ) -> Double {
        let row = isChild ? childFit(of: specialty) : adultFit(of: specialty)
        return switch need {
        case .malignant: row.malignant
        case .uncertain, .rejected: row.reader
        case .benign: row.benign
        case .none: row.any
        }
    }

    /// Whether the specialty is one for children, or looks at slides and not at people, so that it does not matter
    /// whether the doctor says that children are seen.
    static func isForAnyChild(_ specialty: Specialty) -> Bool {
        [.paediatricHaematoOncology, .paediatrics, .haematopathology].contains(specialty)
    }

    private typealias Row = (malignant: Double, reader: Double, benign: Double, any: Double)

    private static func adultFit(of specialty: Specialty) -> Row {
        switch specialty {
        case .haematoOncology: (1, 0.8, 0.8, 1)
        case .haematology: (0.95, 0.9, 1, 1)
        case .paediatricHaematoOncology: (0.3, 0.4, 0.3, 0.8)
        case .oncology: (0.5, 0.3, 0.3, 0.7)
        case .haematopathology: (0.35, 1, 0.7, 0.8)
        case .paediatrics: (0.1, 0.1, 0.1, 0.5)
        case .internalMedicine: (0.25, 0.3, 0.6, 0.6)
        case .generalPractice: (0.1, 0.15, 0.4, 0.5)
        }
    }

    private static func childFit(of specialty: Specialty) -> Row {
        switch specialty {
        case .haematoOncology: (0.6, 0.65, 0.65, 0.8)
        case .haematology: (0.55, 0.7, 0.75, 0.8)
        case .paediatricHaematoOncology: (1, 0.95, 1, 1)
        case .oncology: (0.3, 0.2, 0.2, 0.5)
        case .haematopathology: (0.35, 1, 0.7, 0.7)
        case .paediatrics: (0.3, 0.4, 0.7, 0.7)
        case .internalMedicine: (0.1, 0.15, 0.3, 0.4)
        case .generalPractice: (0.1, 0.15, 0.4, 0.5)
        }
    }
}
