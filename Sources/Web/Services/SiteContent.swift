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
    let offline: OfflineFiles
    /// Addresses of the scripts that draw charts; only the pages with charts name them.
    let chartScripts: [String]
    /// Address of the script of the live microscope; only its page names it.
    let microscopeScript: String
    /// Address of the script by which somebody watches a live microscope.
    let watchScript: String
    /// Address of the script of the viewer of slides; only its page names it.
    let slideScript: String

    /// The static files of this module and their kind.
    private static let styleSheets = ["leukoscope.css", "cells.css", "microscope.css", "slide.css"]
    private static let scripts = [
        "leukoscope.js", "dates.js", "waiting.js", "waiting-page.js", "upload.js", "live.js", "viewer.js", "reading.js",
        "place.js", "practice.js", "zones.js", "cells.js", "share.js", "slides.js",
    ]

    /// - Throws: `WebError.resource` for a missing or broken file, `ImagingError` when a drawing fails.
    init(configuration: WebConfiguration, services: SiteServices) async throws {
        let resources = Bundle.module.bundleURL.appending(path: "Resources")
        let texts = try TextLibrary(in: configuration.texts, site: configuration.language)
        var assets = AssetLibrary()
        let bootstrap = configuration.bootstrapDirectory.appending(path: "css/bootstrap.min.css")
        try await assets.add(
            Data(StyleSheet.used(of: Self.bytes(of: bootstrap), names: Self.words(of: resources))),
            named: bootstrap.lastPathComponent)
        for name in Self.styleSheets + Self.scripts + ["icon.svg"] {
            try await assets.add(file: resources.appending(path: "Assets/\(name)"))
        }
        try await assets.add(file: configuration.chartScript)
        try await assets.add(file: resources.appending(path: "Assets/admin.js"))
        chartScripts = try [configuration.chartScript.lastPathComponent, "admin.js"].map(assets.address)
        try await assets.add(file: resources.appending(path: "Assets/microscope.js"))
        microscopeScript = try assets.address(of: "microscope.js")
        try await assets.add(file: resources.appending(path: "Assets/watch.js"))
        watchScript = try assets.address(of: "watch.js")
        try await assets.add(file: resources.appending(path: "Assets/slide-viewer.js"))
        slideScript = try assets.address(of: "slide-viewer.js")
        offline = try await OfflineFiles(in: resources, assets: &assets)
        let drawings = try await DrawnExample.drawAll(into: &assets)
        let (styles, scripts, icon) = (
            try ([bootstrap.lastPathComponent] + Self.styleSheets).map(assets.address),
            try Self.scripts.map(assets.address), try assets.address(of: "icon.svg")
        )
        let site = { (text: TextCatalogue) in
            Site(
                text: text, languages: texts.all.map { ($0.language, $0.name) }, runBy: configuration.runBy,
                models: services.models.shelf, styleSheets: styles, scripts: scripts, icon: icon,
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

    private static func bytes(of file: URL) throws -> [UInt8] {
        do { return Array(try Data(contentsOf: file)) } catch {
            throw WebError(.resource, fault: "\(file.path) cannot be read (is the package that holds it installed?)")
        }
    }

    /// Every word of the templates and scripts: what none of them names is no class of a page.
    private static func words(of resources: URL) throws -> Set<String> {
        var found: Set<String> = []
        for (folder, kind) in [("Templates", "mustache"), ("Assets", "js")] {
            let files: [URL]
            do {
                files = try FileManager.default.contentsOfDirectory(
                    at: resources.appending(path: folder), includingPropertiesForKeys: nil)
            } catch {
                throw WebError(.resource, fault: "The folder \(folder) of the pages cannot be read: \(error)")
            }
            for file in files where file.pathExtension == kind {
                found.formUnion(StyleSheet.words(in: try bytes(of: file)))
            }
        }
        return found
    }
}
