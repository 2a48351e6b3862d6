import Findings
import Foundation

/// A case with everything that other systems are told of it, as it stood in one transaction.
public struct CaseDossier: Sendable {
    public let contents: CaseContents
    public let cells: CellGallery
    /// What was asked for, the oldest first.
    public let requests: [LabRequest]

    /// When something of it changed last.
    public var updatedAt: Date { contents.smearCase.updatedAt }

    /// For the owner or an administrator.
    ///
    /// - Parameter rule: When a case is urgent; nil where the model in use has no rule.
    init(
        _ smearCase: SmearCase, for user: User, rule: VerdictRule?,
        in transaction: any CaseReadingRows & CellRows & ExchangeRows & AuditRows
    ) throws {
        contents = try CaseContents(smearCase, in: transaction).ruled(by: rule)
        cells = try CellGallery(of: .smearCase(smearCase.id, chosen: []), for: user, in: transaction)
        requests = try transaction.labRequests(of: smearCase.id)
    }
}
