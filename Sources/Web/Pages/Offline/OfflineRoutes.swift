import Clinic
import Formats
import Foundation
import HTTPTypes
import Hummingbird
import Wording

/// What makes the site an application that can be installed and opens without a network.
struct OfflineRoutes: Sendable {
    let pages: PageRenderer
    let files: OfflineFiles

    var routes: [Route] {
        [
            Route(.get, "/manifest.webmanifest", .anyone) { _, _ in
                try Self.file(JSONFormat.line.data(manifest), "application/manifest+json")
            },
            Route(.get, "/service-worker.js", .anyone) { _, _ in
                Self.file(files.serviceWorker, "text/javascript; charset=utf-8")
            },
            Route(.get, "/offline", .anyone) { _, _ in
                // Of nobody: this page stays on the device whoever logs in.
                try pages.response(
                    OfflinePage(
                        frame: PageFrame(
                            site: pages.site, title: pages.site.text("offline.nothing.title"), place: .none)),
                    template: "offline")
            },
            Route(.get, "/waiting", .anyone) { _, context in
                try pages.response(
                    OfflinePage(
                        frame: PageFrame(
                            site: pages.site, title: pages.site.text("offline.waiting.title"), place: .cases,
                            context: context)), template: "waiting")
            },
            Route(.get, "/waiting/account", .anyone) { _, context in
                let mine = Mine(account: context.account, csrf: context.account == nil ? nil : context.browser?.token)
                return try APIAnswer.json(mine)
            },
        ]
    }

    /// Who sends what waits: the account's tag, and the token for its forms; nothing where nobody is logged in.
    private struct Mine: Encodable {
        let account: String?
        let csrf: String?
    }

    /// W3C Web Application Manifest.
    private struct Manifest: Encodable {
        struct Icon: Encodable {
            let src: String
            let sizes: String
            let type: String
        }

        let id = "/"
        let name: String
        let short_name: String
        let lang: String
        let start_url = "/"
        let scope = "/"
        let display = "standalone"
        let background_color = "#ffffff"
        let theme_color = "#1553b0"
        let icons: [Icon]
    }

    private var manifest: Manifest {
        let name = pages.site.text("site.name")
        return Manifest(
            name: name, short_name: name, lang: pages.site.text.language,
            icons: [Manifest.Icon(src: pages.site.icon, sizes: "any", type: "image/svg+xml")]
                + files.icons.map { Manifest.Icon(src: $0.address, sizes: "\($0.side)x\($0.side)", type: "image/png") })
    }

    /// A browser asks each time whether it has changed.
    private static func file(_ content: Data, _ type: String) -> Response {
        Response(
            status: .ok, headers: [.contentType: type, .cacheControl: "no-cache"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: content)))
    }
}

/// The service worker and the icons.
struct OfflineFiles: Sendable {
    /// The script, with the address of what it shares with the pages before it.
    let serviceWorker: Data
    /// Addresses of PNG files, and their sides in pixels.
    let icons: [(address: String, side: Int)]

    /// - Throws: `WebError.resource` for a missing file.
    init(in resources: URL, assets: inout AssetLibrary) async throws {
        var icons: [(address: String, side: Int)] = []
        for side in [192, 512] {
            try await assets.add(file: resources.appending(path: "Assets/icon-\(side).png"))
            icons.append((try assets.address(of: "icon-\(side).png"), side))
        }
        let script = resources.appending(path: "Assets/service-worker.js")
        let shared = try assets.address(of: "waiting.js")
        do {
            serviceWorker = Data("importScripts(\"\(shared)\");\n".utf8) + (try Data(contentsOf: script))
        } catch {
            throw WebError(.resource, fault: "The service worker cannot be read: \(error)")
        }
        self.icons = icons
    }
}

/// A page of which a script fills in the rest.
struct OfflinePage: Sendable {
    let frame: PageFrame
}
