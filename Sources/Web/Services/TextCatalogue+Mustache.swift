import Mustache
import Wording

extension TextCatalogue: MustacheParent {}
