import Clinic
import Wording

extension TextCatalogue {
    /// What stands at a field of a form; nil without an error there.
    func callAsFunction(_ error: ClinicError?, at field: String) -> String? {
        error.flatMap { $0.field == field ? self($0.message) : nil }
    }
}
