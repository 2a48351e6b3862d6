import Clinic
import Findings
import Foundation
import Screening
import Wording

/// Addresses that hold the picture itself (`data:`, RFC 2397), for screenings that the server does not keep.
enum PictureAddress {
    /// - Parameter bytes: A PNG or JPEG file.
    static func embedded(_ bytes: [UInt8]) -> String {
        let type = bytes.first == 0x89 ? "image/png" : "image/jpeg"
        return "data:\(type);base64,\(Data(bytes).base64EncodedString())"
    }
}

extension PictureKind {
    /// Where a stored screening's picture is.
    func address(of id: ScreeningID) -> String { "/screenings/\(id)/pictures/\(name)" }
}

extension ScreeningPictures {
    /// The file of that name as an address; the empty picture where there is none.
    func address(of name: String) -> String { PictureAddress.embedded(self[name] ?? []) }
}

extension AnalyticsView {
    /// The view of a screening that is not kept, its pictures embedded.
    init(_ pictures: ScreeningPictures, text: TextCatalogue) {
        self.init(pictures.analytics, text: text) { pictures.address(of: $0) }
    }

    /// The view of a stored screening.
    init(_ analytics: ScreeningAnalytics, of id: ScreeningID, text: TextCatalogue) {
        self.init(analytics, text: text) { PictureKind(name: $0)?.address(of: id) ?? "" }
    }
}
