import pytest, datetime as dt
from django.urls import reverse
from django.utils import timezone, translation
from tests.support.browser import CHROMIUM
@pytest.mark.django_db(transaction=True)
def test_shot(live_server):
    from playwright.sync_api import sync_playwright
    from django.utils.translation import trans_real
    from cookies.models import PurgeCertificate, RemovalProof
    from privacy.models import RightsRequest, Subject
    from privacy.internal import figures
    figures.forget()
    PurgeCertificate.objects.create(hits=812345, withdrawn=31)
    now=timezone.now()
    for i in range(9):
        RightsRequest.objects.create(subject=Subject.objects.create(),kind="access",channel="web",received_at=now-dt.timedelta(days=i+1),expected_by=now+dt.timedelta(days=9-i), closed_at=None if i<6 else now)
    RightsRequest.objects.create(subject=Subject.objects.create(),kind="access",channel="web",received_at=now-dt.timedelta(days=12),expected_by=now-dt.timedelta(days=2))
    ko=trans_real.translation("ko")
    for l in open("/tmp/brief/ko-coverage.txt"):
        a,b=l.rstrip("\n").split("\t")
        ko._catalog._catalogs[0][a]=b if hasattr(ko._catalog,"_catalogs") else None
    with translation.override("ko"): kp=reverse("privacy:transparency")
    with sync_playwright() as p:
        b=p.chromium.launch(executable_path=CHROMIUM,args=["--no-sandbox","--disable-gpu","--disable-background-networking"])
        for lang,path in (("en",reverse("privacy:transparency")),("ko",kp)):
            for w in (375,1280):
                for scheme in ("light","dark"):
                    pg=b.new_page(viewport={"width":w,"height":900},color_scheme=scheme)
                    errs=[]; pg.on("console",lambda m: errs.append(m.text))
                    pg.goto(live_server.url+path); 
                    print(lang,w,scheme,errs,pg.evaluate("document.documentElement.scrollWidth"))
                    pg.screenshot(path=f"/tmp/cov/t-{lang}-{w}-{scheme}.png",full_page=True); pg.close()
        b.close()
