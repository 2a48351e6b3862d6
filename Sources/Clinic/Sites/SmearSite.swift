import Findings
import Foundation

/// One microscope with its objective, camera and stain, and whether its pictures may reassure anybody.
public struct SmearSite: Sendable, Equatable {
    public enum State: String, Sendable, CaseIterable {
        /// Nobody has shown that the program is right on it.
        case unqualified
        /// It was, for one version of one model.
        case qualified
        /// It was, and something speaks against it since.
        case suspended
    }

    /// Why it was suspended.
    public struct Suspension: Sendable, Equatable {
        public enum Cause: String, Sendable, CaseIterable {
            /// The watch: its pictures do not look like the control fields any more.
            case novelty
            /// The watch: the evidence of blasts is not spread as in the control fields any more.
            case evidence
            /// A repeated control slide was read wrongly.
            case control
            /// By an administrator.
            case hand
            /// Objective, camera, stain or scale are not those that were qualified.
            case changed
            /// What a qualification must show was changed.
            case limits
        }

        public let cause: Cause
        /// What an administrator wrote; empty for the others.
        public let reason: String
        public let at: Date

        public init(cause: Cause, reason: String = "", at: Date) {
            (self.cause, self.reason, self.at) = (cause, reason, at)
        }
    }

    public let id: SiteID
    public var optics: SiteOptics
    /// What a qualification must show here.
    public var limits: SiteLimits
    public var state: State
    /// The newest qualification that was passed; it stays while the site is suspended.
    public var qualificationID: QualificationID?
    public var suspension: Suspension?
    /// The last time that control fields were read rightly: a passed qualification, or a repeated control slide.
    public var checkedAt: Date?
    /// Control fields from before it do not count: the microscope was another one, or something spoke against it since.
    public var controlsSince: Date?
    public let createdAt: Date
    public var updatedAt: Date

    public init(
        id: SiteID = SiteID(), optics: SiteOptics, limits: SiteLimits = SiteLimits(), state: State = .unqualified,
        qualificationID: QualificationID? = nil, suspension: Suspension? = nil, checkedAt: Date? = nil,
        controlsSince: Date? = nil, createdAt: Date, updatedAt: Date
    ) {
        (self.id, self.optics, self.limits, self.state) = (id, optics, limits, state)
        (self.qualificationID, self.suspension, self.checkedAt) = (qualificationID, suspension, checkedAt)
        (self.controlsSince, self.createdAt, self.updatedAt) = (controlsSince, createdAt, updatedAt)
    }

    /// Those of its control fields that tell of the microscope as it is.
    func counted(_ controls: [ControlField]) -> [ControlField] {
        guard let controlsSince else { return controls }
        return controls.filter { $0.createdAt > controlsSince }
    }

    public var name: String { optics.name }
}

/// What a microscope is, as the laboratory writes it.
public struct SiteOptics: Sendable, Equatable, Codable {
    /// Unique among the sites.
    public var name: String
    /// Such as “100× oil, NA 1.30”.
    public var objective: String
    public var camera: String
    /// Such as “Leishman”.
    public var stain: String
    /// Measured with a stage micrometer, in pixels of the file as the camera writes it; wins over the red cells. Nil where
    /// nobody measured it.
    public var micrometresPerPixel: Double?

    /// What a pixel may be wide: a red cell must be 4 to 2,000 pixels wide for any image to be read.
    public static let scales = 0.0045...1.8
    /// Characters of each text.
    public static let maximumText = 120

    public init(
        name: String, objective: String, camera: String, stain: String, micrometresPerPixel: Double? = nil
    ) {
        (self.name, self.objective, self.camera, self.stain) = (name, objective, camera, stain)
        self.micrometresPerPixel = micrometresPerPixel
    }

    /// The same without white space around.
    ///
    /// - Throws: `ClinicError.invalid` with field `name`, `objective`, `camera`, `stain` or `scale`.
    public func checked() throws -> SiteOptics {
        func text(_ text: String, _ field: String) throws -> String {
            try Booking.text(
                text.replacing("\n", with: " "), field: field, atMost: Self.maximumText, isRequired: true)
        }
        if let micrometresPerPixel, !Self.scales.contains(micrometresPerPixel) { throw Self.wrongScale }
        return SiteOptics(
            name: try text(name, "name"), objective: try text(objective, "objective"),
            camera: try text(camera, "camera"), stain: try text(stain, "stain"),
            micrometresPerPixel: micrometresPerPixel)
    }

    /// The scale as somebody typed it; nil for nothing.
    ///
    /// - Throws: `ClinicError.invalid` with field `scale`.
    public static func scale(_ typed: String) throws -> Double? {
        let typed = typed.trimmingCharacters(in: .whitespaces).replacing(",", with: ".")
        guard !typed.isEmpty else { return nil }
        guard let scale = Double(typed), scales.contains(scale) else { throw wrongScale }
        return scale
    }

    private static var wrongScale: ClinicError {
        ClinicError(
            .invalid, "errors.sites.scale",
            ["minimum": "\(scales.lowerBound)", "maximum": "\(scales.upperBound)"], field: "scale")
    }

    /// Whether pictures of the other were made in the same way: only the name may differ.
    public func isSameMicroscope(as other: SiteOptics) -> Bool {
        var renamed = other
        renamed.name = name
        return renamed == self
    }
}

/// What a laboratory asks of a qualification. All limits are shares, 0 to 1, each held with 95 % confidence.
public struct SiteLimits: Sendable, Equatable, Codable {
    /// The share of fields with leukaemia that are reported so must be above this.
    public var sensitivity: Double
    /// The share of fields without leukaemia that are reported benign must be above this.
    public var specificity: Double
    /// Of either kind, the share of fields that are reported as the other must be below this.
    public var wrongReports: Double

    /// What sensitivity and specificity may be asked for.
    public static let shares = 0.5...0.999
    /// What wrong reports may be asked for.
    public static let errors = 0.001...0.25

    public init(sensitivity: Double = 0.9, specificity: Double = 0.8, wrongReports: Double = 0.1) {
        (self.sensitivity, self.specificity, self.wrongReports) = (sensitivity, specificity, wrongReports)
    }

    /// - Throws: `ClinicError.invalid` with field `sensitivity`, `specificity` or `wrongReports`.
    public func checked() throws -> SiteLimits {
        for (field, value, range) in [
            ("sensitivity", sensitivity, Self.shares), ("specificity", specificity, Self.shares),
            ("wrongReports", wrongReports, Self.errors),
        ] where !range.contains(value) {
            throw ClinicError(
                .invalid, "errors.sites.limit",
                ["minimum": Fact.share(range.lowerBound), "maximum": Fact.share(range.upperBound)], field: field)
        }
        return self
    }

    /// A share as somebody typed it in percent.
    ///
    /// - Throws: `ClinicError.invalid` with the field.
    public static func share(_ typed: String, field: String) throws -> Double {
        let typed = typed.trimmingCharacters(in: .whitespaces).replacing(",", with: ".").replacing("%", with: "")
        guard let percent = Double(typed.trimmingCharacters(in: .whitespaces)), percent.isFinite else {
            throw ClinicError(.invalid, "errors.sites.percent", field: field)
        }
        return percent / 100
    }

    /// People of one kind that are needed when every field of every one of them is read rightly; nobody passes with fewer.
    public func peopleNeeded(withLeukaemia: Bool) -> Int {
        let own = 1 - (withLeukaemia ? sensitivity : specificity)
        return [own, wrongReports].compactMap { ShareBound.unitsNeeded(mean: 0, below: $0) }.max() ?? 0
    }
}
