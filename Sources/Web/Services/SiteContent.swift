import Casework
import Foundation
import Packaging
import Screening
import Wording

/// Everything the server reads or draws once, when it starts.
struct SiteContent: Sendable {
    let assets: AssetLibrary
    let pages: PageRenderer
    let learn: LearnPage
    let openAPI: Data
    let text: TextCatalogue
    /// Addresses of the scripts that draw charts; only the pages with charts name them.
    let chartScripts: [String]

    /// The static files of this module and their kind.
    private static let styleSheets = ["leukoscope.css", "cells.css"]
    private static let scripts = [
        "leukoscope.js", "dates.js", "upload.js", "live.js", "viewer.js", "reading.js", "place.js", "practice.js",
        "zones.js", "cells.js",
    ]

    /// - Throws: `WebError.resource` for a missing or broken file, `ImagingError` when a drawing fails.
    init(configuration: WebConfiguration, services: SiteServices) async throws {
        let resources = Bundle.module.bundleURL.appending(path: "Resources")
        let text = try TextCatalogue(language: configuration.language, in: configuration.texts)
        var assets = AssetLibrary()
        let bootstrap = configuration.bootstrapDirectory.appending(path: "css/bootstrap.min.css")
        try await assets.add(file: bootstrap)
        for name in Self.styleSheets + Self.scripts + ["icon.svg"] {
            try await assets.add(file: resources.appending(path: "Assets/\(name)"))
        }
        try await assets.add(file: configuration.chartScript)
        try await assets.add(file: resources.appending(path: "Assets/admin.js"))
        chartScripts = try [configuration.chartScript.lastPathComponent, "admin.js"].map(assets.address)
        let drawings = try await DrawnExample.drawAll(into: &assets)
        let site = Site(
            text: text, models: services.models.shelf,
            styleSheets: try ([bootstrap.lastPathComponent] + Self.styleSheets).map(assets.address),
            scripts: try Self.scripts.map(assets.address), icon: try assets.address(of: "icon.svg"),
            examples: services.demonstration == nil ? [] : drawings)
        self.assets = assets
        self.text = text
        pages = try await PageRenderer(directory: resources.appending(path: "Templates"), site: site)
        learn = LearnPage(
            site: site, drawings: drawings, figures: try LearnFigures(models: services.models.shelf, text: text))
        do {
            openAPI = try Data(contentsOf: resources.appending(path: "API/openapi.json"))
        } catch {
            throw WebError(.resource, fault: "The API description cannot be read: \(error)")
        }
    }
}
