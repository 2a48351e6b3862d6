extension EvaluationReport {
    /// One column on a phone, several on a desk; light and dark; prints without cutting a figure in two.
    static let styleSheet = """
        :root { color-scheme: light dark; --ink: #1d2630; --quiet: #56606b; --page: #ffffff; --card: #f5f7f9;
          --line: #d8dde3; --accent: #0b5cad }
        @media screen and (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --quiet: #a5afb9; --page: #0d1117;
          --card: #161b22; --line: #30363d; --accent: #6cb6ff } }
        * { box-sizing: border-box }
        body { margin: 0; background: var(--page); color: var(--ink); line-height: 1.5;
          font-family: system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif }
        main { max-width: 76rem; margin: 0 auto; padding: 1rem }
        h1 { font-size: 1.6rem; overflow-wrap: anywhere }
        h2 { margin-top: 2.2rem; font-size: 1.25rem }
        .notice { border-left: 4px solid var(--accent); background: var(--card); padding: .75rem 1rem }
        .quiet, small, caption { color: var(--quiet); font-size: .85rem }
        .cards, .charts, .mistakes { display: grid; gap: 1rem }
        .cards { grid-template-columns: repeat(auto-fit, minmax(12.5rem, 1fr)) }
        .charts { grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)) }
        .mistakes { grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)) }
        .card, article { background: var(--card); border: 1px solid var(--line); border-radius: .5rem;
          padding: .9rem 1rem; break-inside: avoid }
        .card h3 { margin: 0; font-size: .95rem; font-weight: 600 }
        .card p, article p { margin: .25rem 0; overflow-wrap: anywhere }
        .figure { font-size: 1.9rem; font-weight: 650; font-variant-numeric: tabular-nums }
        figure { margin: 0; break-inside: avoid }
        .scroll { overflow-x: auto }
        table { border-collapse: collapse; font-variant-numeric: tabular-nums }
        caption { text-align: left; padding-bottom: .4rem }
        th, td { border: 1px solid var(--line); padding: .4rem .7rem; text-align: right }
        th[scope=row], th[scope=col]:first-child { text-align: left }
        td small { display: block; color: inherit }
        .pictures { display: flex; gap: .5rem }
        .pictures img { flex: 1 1 0; min-width: 0; max-width: 100%; height: auto; object-fit: contain }
        code { overflow-wrap: anywhere }
        dt { font-weight: 600 } dd { margin: 0 0 .6rem }
        @media print { body { font-size: 10pt; print-color-adjust: exact; -webkit-print-color-adjust: exact }
          main { max-width: none; padding: 0 } }
        """
}
