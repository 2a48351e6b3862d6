import Wording

extension SiteRoutes {
    /// The pages of administrators. What asks for the password again is counted by address, as logging in is.
    static func adminRoutes(
        _ configuration: WebConfiguration, _ services: SiteServices, _ content: SiteContent
    ) -> [Route] {
        let limiter = RateLimiter(
            burst: configuration.accountBurst, perMinute: configuration.accountAttemptsPerMinute,
            message: "errors.accounts.attempts")
        return AdminRoutes(
            services: services, pages: content.pages, chartScripts: content.chartScripts, limits: configuration.upload,
            limiter: limiter
        ).routes
    }
}
