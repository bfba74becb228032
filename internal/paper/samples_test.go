package paper

import "time"

var created = time.Date(2026, 12, 12, 9, 30, 0, 0, time.UTC)

const checkURL = "https://havn.example.org/certificates/7KQ4-M2XD-9TRB"

var latvian = Certificate{Lang: "lv", Dir: "ltr", Created: created,
	Issuer: "Bērnu tiesību akadēmija", Heading: "Apliecība par kursa apguvi",
	Holder: "Kārlis Čakstiņš-Ļūdēns", Statement: "ir apguvis kursu",
	CourseTitle: "Vispirms bērns: pirmā tikšanās ar bērnu, kas šķērso robežu un meklē ģimeni",
	IssuedLine:  "Izsniegta 2026. gada 12. decembrī", ValidLine: "Derīga līdz 2028. gada 12. decembrim",
	CodeLabel: "Apliecības numurs", Code: "7KQ4-M2XD-9TRB", CheckLabel: "Pārbaudīt īstumu", CheckURL: checkURL,
	Note: []string{"Šī apliecība liecina, ka persona ir izlasījusi kursa lapas un nokārtojusi visus testus. Tā neaizstāj profesionālo kvalifikāciju."}}

var ukrainian = Certificate{Lang: "uk", Dir: "ltr", Created: created,
	Issuer: "Академія прав дитини", Heading: "Свідоцтво про завершення курсу",
	Holder: "Соломія Ґалаґан-Їжакевич", Statement: "завершила курс",
	CourseTitle: "Спершу дитина: перша зустріч із дитиною, яка шукає притулку",
	IssuedLine:  "Видано 12 грудня 2026 року", ValidLine: "Чинне до 12 грудня 2028 року",
	CodeLabel: "Номер свідоцтва", Code: "7KQ4-M2XD-9TRB", CheckLabel: "Перевірити справжність", CheckURL: checkURL,
	Note: []string{"Це свідоцтво підтверджує, що особа прочитала сторінки курсу та склала всі тести. Воно не є професійною кваліфікацією."}}

var arabic = Certificate{Lang: "ar", Dir: "rtl", Created: created,
	Issuer: "أكاديمية حقوق الطفل", Heading: "شَهَادَةُ إِتْمَامِ الدَّوْرَةِ",
	Holder: "أَحْمَد بن سعيد Jānis Bērziņš (2026)", Statement: "أتمّ بنجاح الدورة التدريبية",
	CourseTitle: "الطِّفْلُ أَوَّلًا: اللقاء الأول مع الطفل طالب اللجوء (Modul 1–8)",
	IssuedLine:  "صدرت في 12 ديسمبر 2026", ValidLine: "صالحة حتى 12 ديسمبر 2028",
	CodeLabel: "رقم الشهادة", Code: "7KQ4-M2XD-9TRB", CheckLabel: "التحقق من صحة الشهادة", CheckURL: checkURL,
	Note: []string{"تشهد هذه الوثيقة بأن الشخص قرأ صفحات الدورة واجتاز جميع الاختبارات، ولا تحل محل المؤهل المهني."}}
