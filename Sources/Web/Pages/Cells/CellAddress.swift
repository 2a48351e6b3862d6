import Clinic

/// Addresses of the gallery of a scope.
struct CellAddress: Sendable {
    let isOfImage: Bool
    /// The page itself, with what was chosen.
    let page: String
    /// Where changes are sent.
    let form: String
    let csv: String
    /// The images that were chosen.
    let chosen: [String]

    init(_ scope: CellGallery.Scope, in gallery: CellGallery) {
        let base = "/cases/\(gallery.caseID)/cells"
        switch scope {
        case .image(let id):
            (isOfImage, page, form) = (true, "/screenings/\(id)/cells", base)
            (csv, chosen) = ("\(base).csv?screening=\(id)", [id.text])
        case .smearCase(_, let some):
            let sorted = some.map(\.text).sorted()
            let query = sorted.isEmpty ? "" : "?" + sorted.map { "screening=\($0)" }.joined(separator: "&")
            (isOfImage, page, form) = (false, base + query, base)
            (csv, chosen) = ("\(base).csv\(query)", sorted)
        }
    }

    /// The page with a cell's place shown.
    func showing(_ key: CellKey) -> String {
        "\(page)\(page.contains("?") ? "&" : "?")cell=\(key.text)#place"
    }
}
