import Casework
import Foundation
import Packaging
import Screening
import Wording

/// Everything the server reads or draws once, when it starts.
struct SiteContent: Sendable {
    let assets: AssetLibrary
    let texts: TextLibrary
    let pages: SpokenPages
    /// By the language's tag.
    let learn: [String: LearnPage]
    let openAPI: Data
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
        let texts = try TextLibrary(in: configuration.texts, site: configuration.language)
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
        let (styles, scripts, icon) = (
            try ([bootstrap.lastPathComponent] + Self.styleSheets).map(assets.address),
            try Self.scripts.map(assets.address), try assets.address(of: "icon.svg")
        )
        let site = { (text: TextCatalogue) in
            Site(
                text: text, languages: texts.all.map { ($0.language, $0.name) }, models: services.models.shelf,
                styleSheets: styles, scripts: scripts, icon: icon,
                examples: services.demonstration == nil ? [] : drawings)
        }
        let pages = try await PageRenderer(
            directory: resources.appending(path: "Templates"), site: site(texts.site))
        var spoken: [String: PageRenderer] = [:]
        var learn: [String: LearnPage] = [:]
        for text in texts.all {
            spoken[text.language] = pages.speaking(site(text))
            learn[text.language] = LearnPage(
                site: site(text), drawings: drawings,
                figures: try LearnFigures(models: services.models.shelf, text: text))
        }
        (self.assets, self.texts, self.learn) = (assets, texts, learn)
        self.pages = SpokenPages(all: spoken, otherwise: pages)
        do {
            openAPI = try Data(contentsOf: resources.appending(path: "API/openapi.json"))
        } catch {
            throw WebError(.resource, fault: "The API description cannot be read: \(error)")
        }
    }
}
