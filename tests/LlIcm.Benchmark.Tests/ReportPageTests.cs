using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace LlIcm.Benchmark.Tests;

/// <summary>
/// A report as its reader meets it: in a browser, from a file, without a network. What is expected is read from the data
/// inside the page. The sample holds at least two sets (one for denoising), two metrics, a crop, speeds and missing cells.
/// </summary>
public sealed partial class ReportPageTests(ReportBrowser browser) : IClassFixture<ReportBrowser>, IAsyncLifetime
{
    private readonly ConcurrentQueue<string> _complaints = new();
    private readonly List<IBrowserContext> _contexts = [];

    [ChromiumFact]
    public async Task Every_set_and_metric_has_its_chart()
    {
        IPage page = await Open();
        JsonElement data = await Data(page);
        int charts = 0;
        foreach (string set in Names(data, "sets"))
        {
            JsonElement[] points = [.. Each(data, "points").Where(point => Text(point, "set") == set)];
            if (points.Length == 0) continue;
            await Choose(page, set);
            string[] metrics = [.. Names(data, "metrics").Where(metric => points.Any(point => Value(point, metric) is not null))];
            Assert.Equal(metrics, await page.Locator("#rate-charts .chart")
                .EvaluateAllAsync<string[]>("charts => charts.map(chart => chart.dataset.metric)"));
            foreach (string metric in metrics)
            {
                int lines = points.Where(point => Value(point, metric) is not null).Select(point => Text(point, "line")).Distinct().Count();
                int published = Each(data, "published").Count(one => Text(one, "set") == set && Text(one, "metric") == metric);
                await Assertions.Expect(Chart(page, metric).Locator(".scatterlayer .trace")).ToHaveCountAsync(lines + published);
                charts++;
            }
        }
        Assert.True(charts > 1);
    }

    [ChromiumFact]
    public async Task Pointing_at_a_mark_shows_its_values()
    {
        IPage page = await Open();
        JsonElement data = await Data(page);
        JsonElement metric = Each(data, "metrics").First();
        ILocator chart = Chart(page, Text(metric, "name"));
        await PointAt(page, chart.Locator(".scatterlayer .trace .point").Last);
        ILocator words = chart.Locator(".hoverlayer .hovertext").First;
        await Assertions.Expect(words).ToContainTextAsync("bpp at setting");
        // A long label is broken into rows, and the breaks are no text.
        string said = Squeezed(await words.TextContentAsync());
        Dictionary<string, string> labels = Each(data, "lines").ToDictionary(line => Text(line, "id"), line => Text(line, "label"));
        string digits = "F" + metric.GetProperty("digits").GetInt32();
        Assert.Contains(Each(data, "points"), point =>
            Value(point, Text(metric, "name")) is double value
            && said.StartsWith(Squeezed(labels[Text(point, "line")]), StringComparison.Ordinal)
            && said.Contains(Squeezed(Text(metric, "label") + value.ToString(digits, CultureInfo.InvariantCulture)), StringComparison.Ordinal)
            && said.Contains(Rate(point) + "bppatsetting" + Squeezed(Text(point, "setting")), StringComparison.Ordinal)
            && said.Contains($"meanover{point.GetProperty("pictures").GetInt32()}picture", StringComparison.Ordinal));
    }

    [ChromiumFact]
    public async Task A_click_on_an_entry_of_the_legend_hides_and_shows_its_line()
    {
        IPage page = await Open();
        ILocator traces = page.Locator("#rate-charts .chart").First.Locator(".scatterlayer .trace");
        ILocator entry = page.Locator("#rate-legend button").First;
        int all = await traces.CountAsync();
        Assert.True(all > 1);
        await entry.ClickAsync();
        await Assertions.Expect(traces).ToHaveCountAsync(all - 1);
        await Assertions.Expect(entry).ToHaveAttributeAsync("aria-pressed", "false");
        await entry.ClickAsync();
        await Assertions.Expect(traces).ToHaveCountAsync(all);
        await Assertions.Expect(entry).ToHaveAttributeAsync("aria-pressed", "true");
        await page.Locator("#legend-none").ClickAsync();
        await Assertions.Expect(traces).ToHaveCountAsync(0);
        await page.Locator("#legend-all").ClickAsync();
        await Assertions.Expect(traces).ToHaveCountAsync(all);
    }

    [ChromiumFact]
    public async Task The_slider_changes_the_crops_and_what_is_said_of_them()
    {
        IPage page = await Open();
        JsonElement crop = Each(await Data(page), "crops").First(one => one.GetProperty("lines").GetArrayLength() > 0);
        double[] rates = [.. Each(crop, "lines").SelectMany(line => Each(line, "rates")).Select(rate => rate.GetProperty("bpp").GetDouble())];
        Assert.True(rates.Distinct().Count() > 1);
        List<string> pictures = [];
        (string Key, double Rate)[] ends = [("End", rates.Max()), ("Home", rates.Min())];
        foreach ((string key, double most) in ends)
        {
            await page.Locator("#crop-rate").FocusAsync();
            await page.Keyboard.PressAsync(key);
            // The slider's steps are the rates, rounded up to what is shown.
            double chosen = Math.Ceiling(most * 1000) / 1000;
            await Assertions.Expect(page.Locator("#crop-rate-value"))
                .ToHaveTextAsync(chosen.ToString("F3", CultureInfo.InvariantCulture) + " bpp");
            foreach (JsonElement line in Each(crop, "lines"))
            {
                ILocator figure = page.Locator($"#crop-grid figure[data-line=\"{Text(line, "line")}\"]");
                JsonElement[] below = [.. Each(line, "rates").Where(rate => rate.GetProperty("bpp").GetDouble() <= chosen + 1e-9)
                    .OrderBy(rate => rate.GetProperty("bpp").GetDouble())];
                if (below.Length == 0)
                {
                    await Assertions.Expect(figure).ToContainTextAsync("no setting this low");
                    await Assertions.Expect(figure.Locator("img")).ToBeHiddenAsync();
                    continue;
                }
                await Assertions.Expect(figure).ToContainTextAsync($"{Rate(below[^1])} bpp");
                await Assertions.Expect(figure.Locator("img")).ToHaveAttributeAsync("src", Text(below[^1], "image"));
            }
            pictures.Add(string.Join('\n', await page.Locator("#crop-grid figure figcaption").AllTextContentsAsync()));
        }
        Assert.NotEqual(pictures[0], pictures[1]);
        // Input and target stay beside them, and every picture that is shown is one that the browser could read.
        await Assertions.Expect(page.Locator("#crop-grid figure.given img:visible")).ToHaveCountAsync(2);
        await page.WaitForFunctionAsync(
            "() => [...document.querySelectorAll('#crop-grid img:not([hidden])')].every(img => img.complete && img.naturalWidth > 0)");
        Assert.Equal("pixelated", await page.Locator("#crop-grid img").First.EvaluateAsync<string>("img => getComputedStyle(img).imageRendering"));
    }

    [ChromiumFact]
    public async Task Gains_have_a_row_for_each_line_and_sort()
    {
        IPage page = await Open();
        JsonElement data = await Data(page);
        HashSet<string> compared = [.. Each(data, "deltas").Select(delta => Text(delta, "line"))];
        Assert.NotEmpty(compared);
        string[] labels = [.. Each(data, "lines").Where(line => compared.Contains(Text(line, "id"))).Select(line => Text(line, "label"))];
        Assert.Equal(labels.Distinct().Order(), (await page.Locator("#gain-tables tbody th").AllTextContentsAsync()).Distinct().Order());

        ILocator table = page.Locator("#gain-tables table").First;
        ILocator sort = table.GetByRole(AriaRole.Button, new() { Name = "BD-rate, %" }).First;
        foreach (string order in (string[])["ascending", "descending"])
        {
            await sort.ClickAsync();
            await Assertions.Expect(table.Locator("thead th:nth-child(2)[aria-sort]")).ToHaveAttributeAsync("aria-sort", order);
            double[] values = [.. (await table.Locator("tbody td:nth-child(2) .value").AllTextContentsAsync()).Select(Number)];
            Assert.NotEmpty(values);
            Assert.Equal(order == "ascending" ? values.Order() : values.OrderDescending(), values);
        }
    }

    [ChromiumFact]
    public async Task The_papers_numbers_stand_apart_and_say_whose_they_are()
    {
        IPage page = await Open();
        ILocator paper = page.Locator("#paper");
        await Assertions.Expect(paper).ToContainTextAsync("These are the paper’s numbers, not ours");
        await Assertions.Expect(paper).ToContainTextAsync("does not name the anchor");
        await Assertions.Expect(paper).ToContainTextAsync("denoising");
        // Six tasks in two tables of four codecs, three numbers for each.
        Assert.Equal(2 * 4 * 9, await paper.Locator("tbody td").CountAsync());
        await Assertions.Expect(paper.Locator("tbody tr.own").First.Locator("td").First).ToHaveTextAsync("−76.38");
        await Assertions.Expect(paper.Locator("tbody tr.own").Last.Locator("td").Last).ToHaveTextAsync("+0.36");
    }

    [ChromiumFact]
    public async Task Tables_of_facts_hold_what_was_measured_and_what_was_not()
    {
        IPage page = await Open();
        JsonElement data = await Data(page);
        await Assertions.Expect(page.Locator("#speed-table tbody tr")).ToHaveCountAsync(Each(data, "speed").Count());
        await Assertions.Expect(page.Locator("#missing-table tbody tr")).ToHaveCountAsync(Each(data, "missing").Count());
        await Assertions.Expect(page.Locator("#codec-table tbody tr")).ToHaveCountAsync(Each(data, "codecs").Count());
        foreach (JsonElement missing in Each(data, "missing"))
            await Assertions.Expect(page.Locator("#missing-table")).ToContainTextAsync(Text(missing, "reason"));
        await page.Locator("#rate-numbers summary").ClickAsync();
        string first = await page.Locator("#rate-sets input:checked").InputValueAsync();
        await Assertions.Expect(page.Locator("#rate-table tbody tr:visible"))
            .ToHaveCountAsync(Each(data, "points").Count(point => Text(point, "set") == first));
    }

    [ChromiumFact]
    public async Task The_turning_point_of_each_restored_line_is_marked_and_told()
    {
        IPage page = await Open();
        JsonElement data = await Data(page);
        string set = await page.Locator("#turning-set").InputValueAsync();
        string metric = await page.Locator("#turning-metric").InputValueAsync();
        HashSet<string> restored = [.. Each(data, "lines").Where(line => Text(line, "order") != "none").Select(line => Text(line, "id"))];
        int lines = Each(data, "points")
            .Where(point => Text(point, "set") == set && restored.Contains(Text(point, "line")) && Value(point, metric) is not null)
            .Select(point => Text(point, "line")).Distinct().Count();
        Assert.True(lines > 0);
        await Assertions.Expect(page.Locator("#turning-words li")).ToHaveCountAsync(lines);
        // Each line twice: as it runs, and its best point.
        await Assertions.Expect(page.Locator("#turning-chart .scatterlayer .trace")).ToHaveCountAsync(2 * lines);
        await Assertions.Expect(page.Locator("#turning-chart figcaption")).ToContainTextAsync($"of {lines} restored line");
    }

    [ChromiumFact]
    public async Task Two_lines_are_set_against_each_other_picture_by_picture()
    {
        IPage page = await Open();
        JsonElement data = await Data(page);
        ILocator marks = page.Locator("#pair-chart .scatterlayer .point");
        int pictures = await marks.CountAsync();
        Assert.True(pictures > 0);
        await PointAt(page, marks.Last);
        string said = Squeezed(await page.Locator("#pair-chart .hoverlayer .hovertext").First.TextContentAsync());
        Assert.Contains(Each(data, "cells"), cell => said.StartsWith(Squeezed(Text(cell, "picture")), StringComparison.Ordinal));
        // A line is nowhere better than itself.
        await page.Locator("#pair-a").SelectOptionAsync(await page.Locator("#pair-b").InputValueAsync());
        await Assertions.Expect(page.Locator("#pair-chart figcaption")).ToContainTextAsync("B is better on 0 of");
    }

    [ChromiumFact]
    public async Task Page_and_charts_follow_the_dark_scheme()
    {
        IPage page = await Open();
        ILocator tick = page.Locator("#rate-charts .xtick text").First;
        Assert.True(await Brightness(page.Locator("body"), "backgroundColor") > 0.8);
        Assert.True(await Brightness(tick, "fill") < 0.3);
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await page.WaitForFunctionAsync(
            "() => Number(/\\d+/.exec(getComputedStyle(document.querySelector('#rate-charts .xtick text')).fill)[0]) > 128");
        double ground = await Brightness(page.Locator("body"), "backgroundColor");
        Assert.True(ground < 0.05, $"the ground's luminance is {ground}");
        foreach (string what in (string[])["body", "h1", "#gain-tables td", ".lead", "#rate-charts .xtick text"])
        {
            // As the WCAG ask of text: 4.5 to 1.
            string property = what.EndsWith("text", StringComparison.Ordinal) ? "fill" : "color";
            double contrast = (await Brightness(page.Locator(what).First, property) + 0.05) / (ground + 0.05);
            Assert.True(contrast >= 4.5, $"{what}: the contrast is {contrast}");
        }
    }

    [ChromiumFact]
    public async Task A_phone_scrolls_the_page_only_downwards()
    {
        IPage page = await Open(width: 390, height: 844, phone: true);
        foreach (string set in await page.Locator("#rate-sets input").EvaluateAllAsync<string[]>("inputs => inputs.map(input => input.value)"))
        {
            await Choose(page, set);
            Assert.Equal(390, await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth"));
        }
        await page.Locator("#rate-numbers summary").ClickAsync();
        Assert.Equal(390, await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth"));
        Assert.True(await page.Locator("#rate-charts .main-svg").First.EvaluateAsync<double>("svg => svg.getBoundingClientRect().right") <= 390);
    }

    [ChromiumFact]
    public async Task The_keyboard_reaches_every_control()
    {
        const string Controls = "main button, main select, main summary, main input:not([type=radio]), main .modebar-btn, nav a";
        IPage page = await Open();
        await page.EvaluateAsync("() => document.addEventListener('focusin', event => { event.target.dataset.reached = 'yes'; })");
        int stops = await page.EvaluateAsync<int>(
            "controls => [...document.querySelectorAll(controls + ', [tabindex]')].filter(one => one.checkVisibility()).length", Controls);
        for (int press = 0; press < stops + 8; press++) await page.Keyboard.PressAsync("Tab");
        Assert.Empty(await page.EvaluateAsync<string[]>(
            """
            controls => [...document.querySelectorAll(controls)].filter(one => one.checkVisibility() && one.dataset.reached !== 'yes')
                .map(one => one.outerHTML)
            """, Controls));
        // Sets are chosen by the arrows, lines are hidden by the space bar, and what has the focus shows it.
        ILocator sets = page.Locator("#rate-sets input");
        await sets.First.FocusAsync();
        await page.Keyboard.PressAsync("ArrowRight");
        await Assertions.Expect(sets.Nth(1)).ToBeCheckedAsync();
        await Assertions.Expect(page.Locator("#rate-charts .chart").First)
            .ToHaveAttributeAsync("aria-label", new Regex($"set {Regex.Escape(await sets.Nth(1).InputValueAsync())}$"));
        ILocator entry = page.Locator("#rate-legend button").First;
        await page.Keyboard.PressAsync("Tab");
        await entry.FocusAsync();
        await page.Keyboard.PressAsync("Space");
        await Assertions.Expect(entry).ToHaveAttributeAsync("aria-pressed", "false");
        Assert.Equal("solid", await entry.EvaluateAsync<string>("button => getComputedStyle(button).outlineStyle"));
    }

    [ChromiumFact]
    public async Task Controls_and_charts_have_names_and_headings_are_in_order()
    {
        IPage page = await Open();
        Assert.Empty(await page.EvaluateAsync<string[]>(
            """
            () => [...document.querySelectorAll('main select, main input')]
                .filter(one => ![...one.labels].some(label => label.textContent.trim())).map(one => one.outerHTML)
            """));
        Assert.Empty(await page.EvaluateAsync<string[]>(
            "() => [...document.querySelectorAll('.chart')].filter(one => !one.getAttribute('aria-label')).map(one => one.className)"));
        int[] levels = await page.EvaluateAsync<int[]>(
            "() => [...document.querySelectorAll('h1, h2, h3')].filter(one => one.checkVisibility()).map(one => Number(one.tagName[1]))");
        Assert.Equal(1, levels[0]);
        Assert.All(levels.Zip(levels[1..]), pair => Assert.True(pair.Second <= pair.First + 1 && pair.Second > 1));
    }

    [ChromiumFact]
    public async Task A_chart_is_saved_as_a_picture()
    {
        IPage page = await Open();
        ILocator chart = page.Locator("#rate-charts .chart").First;
        foreach (string format in (string[])["PNG", "SVG"])
        {
            IDownload download = await page.RunAndWaitForDownloadAsync(
                () => chart.Locator($".modebar-btn[data-title='Download as {format}']").ClickAsync());
            Assert.EndsWith("." + format.ToLowerInvariant(), download.SuggestedFilename, StringComparison.Ordinal);
            byte[] file = await File.ReadAllBytesAsync(await download.PathAsync());
            byte[] head = format == "PNG" ? [0x89, 0x50, 0x4E, 0x47] : "<svg"u8.ToArray();
            Assert.Equal(head, file[..4]);
        }
    }

    [ChromiumFact]
    public async Task Names_from_files_stay_text()
    {
        IPage page = await Open();
        // The page itself makes none of these; a name that was read as HTML might.
        Assert.Equal(0, await page.Locator("main script, main iframe, main b, main i, main img[onerror], main a[href^='javascript']").CountAsync());
        JsonElement data = await Data(page);
        Assert.Equal(Text(data, "title"), await page.Locator("h1").TextContentAsync());
        Assert.Equal(Text(data, "title"), await page.TitleAsync());
    }

    /// <inheritdoc/>
    public Task InitializeAsync() => Task.CompletedTask;

    /// <summary>Whatever a test did, the browser had nothing to complain of and nothing to fetch.</summary>
    public async Task DisposeAsync()
    {
        foreach (IBrowserContext context in _contexts) await context.CloseAsync();
        Assert.Empty(_complaints);
    }

    private async Task<IPage> Open(int width = 1360, int height = 900, bool phone = false)
    {
        IBrowserContext context = await browser.Chromium.NewContextAsync(new()
        {
            ViewportSize = new() { Width = width, Height = height },
            ColorScheme = ColorScheme.Light,
            IsMobile = phone,
            HasTouch = phone,
        });
        _contexts.Add(context);
        IPage page = await context.NewPageAsync();
        page.Console += (_, message) => _complaints.Enqueue($"console: {message.Text}");
        page.PageError += (_, error) => _complaints.Enqueue($"error: {error}");
        page.Request += (_, request) =>
        {
            if (!OfThePage().IsMatch(request.Url)) _complaints.Enqueue($"request: {request.Url}");
        };
        await page.GotoAsync(new Uri(browser.Report).AbsoluteUri);
        await Assertions.Expect(page.Locator("html[data-ready]")).ToHaveCountAsync(1);
        await Assertions.Expect(page.Locator("#rate-charts .chart .modebar-btn[role=button]").First).ToBeVisibleAsync();
        return page;
    }

    private static async Task Choose(IPage page, string set)
    {
        await page.Locator($"#rate-sets input[value=\"{set}\"]").CheckAsync();
        await Assertions.Expect(page.Locator("#rate-charts .chart .modebar-btn[role=button]").First).ToBeVisibleAsync();
    }

    /// <summary>Moves the mouse onto a mark, as a hand does: not in one leap.</summary>
    private static async Task PointAt(IPage page, ILocator mark)
    {
        await mark.ScrollIntoViewIfNeededAsync();
        LocatorBoundingBoxResult? box = await mark.BoundingBoxAsync();
        Assert.NotNull(box);
        float x = box.X + (box.Width / 2), y = box.Y + (box.Height / 2);
        await page.Mouse.MoveAsync(x - 20, y + 20);
        await page.Mouse.MoveAsync(x, y, new() { Steps = 4 });
    }

    private static ILocator Chart(IPage page, string metric) => page.Locator($"#rate-charts .chart[data-metric=\"{metric}\"]");

    private static async Task<JsonElement> Data(IPage page) =>
        JsonDocument.Parse(await page.Locator("#data").TextContentAsync() ?? "").RootElement;

    private static IEnumerable<JsonElement> Each(JsonElement of, string name) => of.GetProperty(name).EnumerateArray();

    private static string[] Names(JsonElement data, string list) => [.. Each(data, list).Select(one => Text(one, "name"))];

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString() ?? "";

    private static string Rate(JsonElement of) => of.GetProperty("bpp").GetDouble().ToString("F3", CultureInfo.InvariantCulture);

    private static double? Value(JsonElement point, string metric) =>
        point.GetProperty("values").TryGetProperty(metric, out JsonElement value) && value.ValueKind == JsonValueKind.Number
            ? value.GetDouble() : null;

    private static double Number(string shown) => double.Parse(shown.Replace('−', '-'), NumberStyles.Float, CultureInfo.InvariantCulture);

    private static string Squeezed(string? text) => Space().Replace(text ?? "", "");

    /// <summary>The relative luminance of a colour of an element, as the WCAG define it.</summary>
    private static async Task<double> Brightness(ILocator of, string property)
    {
        string colour = await of.EvaluateAsync<string>("(one, property) => getComputedStyle(one)[property]", property);
        double[] parts = [.. Digits().Matches(colour).Take(3).Select(match => double.Parse(match.Value, CultureInfo.InvariantCulture) / 255)
            .Select(part => part <= 0.04045 ? part / 12.92 : Math.Pow((part + 0.055) / 1.055, 2.4))];
        Assert.Equal(3, parts.Length);
        return (0.2126 * parts[0]) + (0.7152 * parts[1]) + (0.0722 * parts[2]);
    }

    [GeneratedRegex(@"\A(file|data|blob):")]
    private static partial Regex OfThePage();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();

    [GeneratedRegex(@"\d+(\.\d+)?")]
    private static partial Regex Digits();
}

/// <summary>One browser and one report for all tests of the page.</summary>
public sealed class ReportBrowser : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("llicm-report-").FullName;
    private IPlaywright? _playwright;
    private IBrowser? _chromium;

    /// <summary>The path of the report.</summary>
    public string Report { get; private set; } = "";

    /// <summary>The browser; where it is missing, no test asks for it.</summary>
    public IBrowser Chromium => _chromium ?? throw new InvalidOperationException("Chromium was not started.");

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        if (ChromiumFactAttribute.Browser is not { } path) return;
        Report = SampleReport.Write(_folder);
        _playwright = await Playwright.CreateAsync();
        // A container's root has no sandbox to run it in.
        _chromium = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = path, Args = ["--no-sandbox"] });
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (_chromium is not null) await _chromium.CloseAsync();
        _playwright?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>A fact that needs Chromium and is reported as skipped, with the reason, where there is none.</summary>
internal sealed class ChromiumFactAttribute : FactAttribute
{
    /// <summary>Chromium's path (<c>LLICM_CHROMIUM</c>, else Debian's <c>/usr/bin/chromium</c>), or null.</summary>
    public static string? Browser { get; } = Find();

    public ChromiumFactAttribute()
    {
        if (Browser is null) Skip = "Chromium not found: install it (apt-get install chromium), or set LLICM_CHROMIUM to its path";
    }

    private static string? Find()
    {
        string? named = Environment.GetEnvironmentVariable("LLICM_CHROMIUM");
        string path = string.IsNullOrEmpty(named) ? "/usr/bin/chromium" : named;
        return File.Exists(path) ? path : null;
    }
}
