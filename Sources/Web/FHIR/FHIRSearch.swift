import Clinic
import Crypto
import Foundation
import ScreeningReports

/// What a program looks for, and where its page begins (FHIR R4, Search).
struct FHIRSearch: Codable, Equatable, Sendable {
    /// Where a page begins.
    struct Position: Codable, Equatable, Sendable {
        /// After this case, in the order of the last change.
        var changedAt: Date?
        var caseID: CaseID?
        /// Resources of the case `partial` that were given already.
        var skip = 0
        /// The case of which a part was given; another one may stand in its place by now, where it has changed.
        var partial: CaseID?

        var cursor: CaseCursor? {
            guard let changedAt, let caseID else { return nil }
            return CaseCursor(updatedAt: changedAt, id: caseID)
        }

        static func after(_ smearCase: SmearCase) -> Position {
            Position(changedAt: smearCase.updatedAt, caseID: smearCase.id)
        }
    }

    let type: FHIRResourceType
    /// Of each list, what is looked for is one of these; nil where anything is. Two lists for one parameter must both hold it.
    var ids: [String]?
    var cases: [CaseID]?
    var statuses: [String]?
    var identifiers: [IdentifierQuery] = []
    var changed = FHIRPeriod()
    var date = FHIRPeriod()
    var count = 20
    var position = Position()

    /// Resources on a page.
    static let counts = 1...100
    /// Values of a list, and its bytes.
    static let (maximumValues, maximumListBytes) = (100, 4000)
    private static let formats: Set<String> = ["json", "application/json", "application/fhir+json"]

    /// - Parameters:
    ///   - isInAddress: Whether the parameters stand in an address, where nothing may that tells who somebody is.
    /// - Throws: `WebError.malformedRequest`, which names the parameter.
    init(_ type: FHIRResourceType, _ form: FormFields, isInAddress: Bool) throws {
        self.type = type
        for name in form.names.sorted() {
            let values = form.all(name)
            if name == "_format" {
                // The one form that there is, by any of its names.
                guard values.allSatisfy(Self.formats.contains) else {
                    throw WebError(.malformedRequest, "errors.fhir.parameterValue", ["name": name])
                }
                continue
            }
            guard let parameter = FHIRParameter(name, of: type) else {
                throw WebError(.malformedRequest, "errors.fhir.parameter", ["name": name, "type": type.rawValue])
            }
            if isInAddress && parameter.isPersonal {
                throw WebError(.malformedRequest, "errors.fhir.personal", ["name": name, "type": type.rawValue])
            }
            for value in values { try take(value, of: parameter, name) }
        }
    }

    private mutating func take(_ value: String, of parameter: FHIRParameter, _ name: String) throws {
        let wrong = WebError(.malformedRequest, "errors.fhir.parameterValue", ["name": name])
        guard !value.isEmpty, parameter.isList || value.utf8.count <= 1000 else { throw wrong }
        switch parameter {
        case .id: ids = Self.narrowed(ids, to: try Self.list(value, name, wrong))
        case .patient:
            let named = try Self.list(value, name, wrong)
            let known = named.compactMap { FHIRID.caseID($0.replacing("Patient/", with: "", maxReplacements: 1)) }
            guard known.count == named.count else { throw wrong }
            cases = Self.narrowed(cases, to: known)
        case .personIdentifier: identifiers.append(try Self.identifier(.person, value, wrong))
        case .requestIdentifier: identifiers.append(try Self.identifier(.request, value, wrong))
        case .status: statuses = Self.narrowed(statuses, to: try Self.list(value, name, wrong))
        case .lastUpdated: changed.narrow(to: try FHIRPeriod(value, wrong))
        case .date: date.narrow(to: try FHIRPeriod(value, wrong))
        case .count:
            guard let number = Int(value), Self.counts.contains(number) else { throw wrong }
            count = number
        }
    }

    /// The values between commas, of which each is looked for.
    private static func list(_ value: String, _ name: String, _ wrong: WebError) throws -> [String] {
        let values = value.split(separator: ",").map(String.init)
        guard values.count <= maximumValues, value.utf8.count <= maximumListBytes else {
            throw WebError(
                .malformedRequest, "errors.fhir.tooManyValues",
                ["name": name, "maximum": maximumValues, "bytes": maximumListBytes])
        }
        guard !values.isEmpty else { throw wrong }
        return values
    }

    /// Each once, and those alone that a list before allows too.
    private static func narrowed<Value: Hashable>(_ known: [Value]?, to more: [Value]) -> [Value] {
        var seen: Set<Value> = []
        return more.filter { known?.contains($0) != false && seen.insert($0).inserted }
    }

    /// `system|value`, `|value` for one without a system, or `value` for any.
    private static func identifier(
        _ holder: IdentifierQuery.Holder, _ value: String, _ wrong: WebError
    ) throws -> IdentifierQuery {
        let parts = value.split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let last = parts.last, !last.isEmpty else { throw wrong }
        return IdentifierQuery(holder, namespace: parts.count == 2 ? parts[0] : nil, value: last)
    }

    /// What the rows are asked.
    var query: ExchangeQuery {
        ExchangeQuery(identifiers: identifiers, since: changed.since, before: changed.before)
    }

    /// The cases that are named, by themselves or by an id; nil where all are looked through.
    var named: [CaseID]? {
        guard let ids else { return cases }
        return Self.narrowed(cases, to: ids.compactMap { FHIRID.caseID($0) })
    }

    /// Whether a resource of a case that fits is looked for.
    func fits(_ resource: FHIRResource) -> Bool {
        resource.type == type && ids?.contains(resource.id) != false
            && (statuses.map { $0.contains(resource.status ?? "") } ?? true)
            && (date == FHIRPeriod() || resource.date.map(date.contains) == true)
            && changed.contains(resource.lastUpdated)
            && identifiers.allSatisfy { query in query.holder == .person || resource.number.map(query.names) == true }
    }

    /// Whether a case is one that identifiers name.
    func fits(_ dossier: CaseDossier) -> Bool {
        identifiers.allSatisfy { query in
            switch query.holder {
            case .person: (dossier.contents.person?.facts.identifiers ?? []).contains(where: query.names)
            case .request: dossier.requests.map(\.identifier).contains(where: query.names)
            }
        }
    }
}

/// The parameters of searches.
enum FHIRParameter: Sendable {
    case id, patient, personIdentifier, requestIdentifier, status, lastUpdated, date, count

    /// - Returns: Nil for one that the type does not have.
    init?(_ name: String, of type: FHIRResourceType) {
        guard let found = Self.all(of: type).first(where: { $0.name == name }) else { return nil }
        self = found.parameter
    }

    /// Whether it tells who somebody is.
    var isPersonal: Bool { self == .personIdentifier || self == .requestIdentifier }

    /// Whether its value is a list between commas.
    var isList: Bool { self == .id || self == .patient || self == .status }

    /// With FHIR's types of parameters.
    static func all(
        of type: FHIRResourceType
    ) -> [(name: String, kind: String, parameter: FHIRParameter)] {
        let everywhere: [(String, String, FHIRParameter)] = [
            ("_id", "token", .id), ("_lastUpdated", "date", .lastUpdated), ("_count", "number", .count),
        ]
        let ofPatient: [(String, String, FHIRParameter)] = [
            ("patient", "reference", .patient), ("subject", "reference", .patient),
            ("patient.identifier", "token", .personIdentifier),
        ]
        let own: [(String, String, FHIRParameter)] =
            switch type {
            case .patient: [("identifier", "token", .personIdentifier)]
            case .specimen: ofPatient + [("status", "token", .status)]
            case .serviceRequest:
                ofPatient + [("identifier", "token", .requestIdentifier), ("status", "token", .status)]
            case .diagnosticReport, .observation, .documentReference:
                ofPatient + [("status", "token", .status), ("date", "date", .date)]
            case .provenance: [("patient", "reference", .patient), ("recorded", "date", .date)]
            }
        return everywhere + own
    }
}

/// From a moment on, and before another one; open where nil.
struct FHIRPeriod: Codable, Equatable, Sendable {
    var since: Date?
    var before: Date?

    init() {}

    /// A date with a prefix (FHIR R4, Search, 3.1.1.4.7): `eq`, `ge`, `gt`, `sa`, `le`, `lt`, `eb`; without a zone it is UTC.
    ///
    /// - Throws: `wrong` for what is none.
    init(_ text: String, _ wrong: WebError) throws {
        let prefix = text.first?.isLetter == true ? String(text.prefix(2)) : "eq"
        let value = text.first?.isLetter == true ? String(text.dropFirst(2)) : text
        guard let span = Self.span(value) else { throw wrong }
        switch prefix {
        case "eq": (since, before) = (span.lowerBound, span.upperBound)
        case "ge": since = span.lowerBound
        case "gt", "sa": since = span.upperBound
        case "le": before = span.upperBound
        case "lt", "eb": before = span.lowerBound
        default: throw wrong
        }
    }

    mutating func narrow(to other: FHIRPeriod) {
        since = [since, other.since].compactMap { $0 }.max()
        before = [before, other.before].compactMap { $0 }.min()
    }

    func contains(_ date: Date) -> Bool {
        (since.map { $0 <= date } ?? true) && (before.map { date < $0 } ?? true)
    }

    /// From the first moment that a date with this precision means to the first one after it.
    private static func span(_ text: String) -> Range<Date>? {
        let day = /(\d{4})(?:-(\d\d)(?:-(\d\d))?)?/
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        if let parts = text.wholeMatch(of: day) {
            let (year, month, date) = (Int(parts.1), parts.2.flatMap { Int($0) }, parts.3.flatMap { Int($0) })
            let components = DateComponents(year: year, month: month ?? 1, day: date ?? 1)
            guard components.isValidDate(in: calendar), let start = calendar.date(from: components) else { return nil }
            let unit: Calendar.Component = date != nil ? .day : month != nil ? .month : .year
            return calendar.date(byAdding: unit, value: 1, to: start).map { start..<$0 }
        }
        let moment = /(\d{4}-\d\d-\d\dT\d\d:\d\d)(:\d\d)?(\.\d+)?(Z|[+-]\d\d:\d\d)?/
        guard let parts = text.wholeMatch(of: moment) else { return nil }
        let whole = "\(parts.1)\(parts.2 ?? ":00")\(parts.4 ?? "Z")"
        guard var start = try? Date(whole, strategy: .iso8601) else { return nil }
        if let fraction = parts.3.flatMap({ Double("0\($0)") }) { start += fraction }
        let width = parts.3 != nil ? 0.001 : parts.2 != nil ? 1 : 60
        return start..<start.addingTimeInterval(width)
    }
}

/// The token of a page: what is looked for and where the page begins, readable by this installation alone, so that an address holds
/// nobody's number.
struct FHIRPageToken: Sendable {
    let key: [UInt8]

    /// Bytes of a token at most, and those by which the token of a later page may be longer.
    private static let (maximumBytes, growth) = (8192, 400)

    /// Refuses at once what could not be given page by page.
    ///
    /// - Throws: `WebError.malformedRequest`.
    func verify(_ search: FHIRSearch, for user: UserID) throws {
        guard try seal(search, for: user).utf8.count <= Self.maximumBytes - Self.growth else {
            throw WebError(.malformedRequest, "errors.fhir.tooLong")
        }
    }

    /// - Throws: What encoding throws.
    func seal(_ search: FHIRSearch, for user: UserID) throws -> String {
        // Moments to the last bit: a page begins within a second.
        let plain = try JSONEncoder().encode(search)
        let box = try AES.GCM.seal(
            plain, using: SymmetricKey(data: key), authenticating: Data(user.text.utf8))
        return (box.combined ?? Data()).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
            .replacing("=", with: "")
    }

    /// - Throws: `WebError.malformedRequest` for what this installation has not made for this account.
    func open(_ text: String, for user: UserID) throws -> FHIRSearch {
        let wrong = WebError(.malformedRequest, "errors.fhir.page")
        let padded =
            text.replacing("-", with: "+").replacing("_", with: "/")
            + String(repeating: "=", count: (4 - text.count % 4) % 4)
        guard text.utf8.count <= Self.maximumBytes, let sealed = Data(base64Encoded: padded) else { throw wrong }
        do {
            let plain = try AES.GCM.open(
                AES.GCM.SealedBox(combined: sealed), using: SymmetricKey(data: key),
                authenticating: Data(user.text.utf8))
            return try JSONDecoder().decode(FHIRSearch.self, from: plain)
        } catch {
            throw wrong
        }
    }
}
