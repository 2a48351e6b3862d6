import Clinic
import Wording

extension SiteRoutes {
    /// Places, and the entries of doctors: their own and as others see them.
    static func directoryRoutes(
        _ configuration: WebConfiguration, _ services: SiteServices, _ pages: PageRenderer
    ) -> [Route] {
        let text = pages.site.text
        let typing = RateLimiter(
            burst: configuration.placesPerBurst, perMinute: configuration.placesPerMinute,
            message: "errors.places.busy")
        let files = RateLimiter(burst: configuration.imagesPerBurst, perMinute: configuration.imagesPerMinute)
        return PlaceRoutes(services: services, text: text, limiter: typing).routes
            + ProfileRoutes(services: services, pages: pages).routes
            + PracticeRoutes(services: services, pages: pages, limiter: files).routes
    }
}
