import Clinic
import Imaging

extension SiteOptics {
    /// The scale of the microscope's images; nil where it was not measured.
    public var siteScale: SiteScale? { micrometresPerPixel.map { .micrometresPerPixel($0) } }
}
