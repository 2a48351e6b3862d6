import Findings
import Formats
import Foundation

extension Message {
    /// As a row keeps it: key and facts as JSON.
    func stored() throws -> String { try JSONFormat.line.text(self) }

    /// - Parameter stored: What a row keeps; a sentence where an earlier program wrote one, which is shown as it is.
    init(stored: String) {
        do { self = try JSONDecoder().decode(Message.self, from: Data(stored.utf8)) } catch {
            self.init("errors.screenings.before", ["words": .text(stored)])
        }
    }
}
