import Clinic
import Imaging

extension SiteOptics {
    /// What images of the microscope are read at; nil where nobody measured it.
    public var siteScale: SiteScale? { micrometresPerPixel.map { .micrometresPerPixel($0) } }
}
