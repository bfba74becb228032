package exchange

import "strings"

// pluralForms is the value of the PO header Plural-Forms for a language, as the
// gettext manual and CLDR's integer rules have it; "" where it is not known. A
// course has no plural entries, but tools want the header of a language.
func pluralForms(lang string) string {
	base, _, _ := strings.Cut(lang, "-")
	for forms, languages := range plurals {
		if strings.Contains(" "+languages+" ", " "+base+" ") {
			return forms
		}
	}
	return ""
}

var plurals = map[string]string{
	"nplurals=1; plural=0;":                                                                                  "vi zh ja th ko id ms my lo km",
	"nplurals=2; plural=(n != 1);":                                                                           "en da de et fi sv nb nn no so ps es it pt ca nl el bg hu ku ka sq ur tr az sw eu gl af he",
	"nplurals=2; plural=(n > 1);":                                                                            "fr ti fa am hy hi bn ln",
	"nplurals=2; plural=(n%10!=1 || n%100==11);":                                                             "is mk",
	"nplurals=3; plural=(n==1 ? 0 : n==2 ? 1 : 2);":                                                          "se smn sma smj",
	"nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n != 0 ? 1 : 2);":                                        "lv",
	"nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && (n%100<10 || n%100>=20) ? 1 : 2);":            "lt",
	"nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);": "ru uk be sr hr bs",
	"nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);":                 "pl",
	"nplurals=3; plural=(n==1 ? 0 : (n>=2 && n<=4) ? 1 : 2);":                                                "cs sk",
	"nplurals=3; plural=(n==1 ? 0 : (n==0 || (n%100>0 && n%100<20)) ? 1 : 2);":                               "ro mo",
	"nplurals=4; plural=(n%100==1 ? 0 : n%100==2 ? 1 : n%100==3 || n%100==4 ? 2 : 3);":                       "sl",
	"nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5);":   "ar",
}
