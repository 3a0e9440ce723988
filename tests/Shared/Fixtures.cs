namespace LlIcm.TestSupport;

/// <summary>Finds the larger golden fixtures, which live outside the repository.</summary>
internal static class Fixtures
{
    /// <summary>The fixture folder (<c>LLICM_FIXTURES</c>, else <c>../shared/fixtures</c> beside the checkout), or null.</summary>
    public static string? Root { get; } = Find();

    /// <summary>The path of a fixture, e.g. <c>Path("codec", "rans.json")</c>, or null where the set or the file is absent.</summary>
    public static string? Path(params string[] parts)
    {
        if (Root is null) return null;
        string path = System.IO.Path.Combine([Root, .. parts]);
        return File.Exists(path) || Directory.Exists(path) ? path : null;
    }

    private static string? Find()
    {
        string? named = Environment.GetEnvironmentVariable("LLICM_FIXTURES");
        if (!string.IsNullOrEmpty(named)) return Directory.Exists(named) ? System.IO.Path.GetFullPath(named) : null;
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (!File.Exists(System.IO.Path.Combine(at.FullName, "LlIcm.slnx"))) continue;
            string beside = System.IO.Path.Combine(at.FullName, "..", "shared", "fixtures");
            return Directory.Exists(beside) ? System.IO.Path.GetFullPath(beside) : null;
        }
        return null;
    }
}

/// <summary>A fact that needs a golden fixture and is reported as skipped, with the reason, where it is absent.</summary>
internal sealed class FixtureFactAttribute : Xunit.FactAttribute
{
    public FixtureFactAttribute(params string[] parts)
    {
        if (Fixtures.Path(parts) is null)
            Skip = $"fixture {string.Join('/', parts)} not found: set LLICM_FIXTURES to the folder that holds it";
    }
}

/// <summary>The same for theories.</summary>
internal sealed class FixtureTheoryAttribute : Xunit.TheoryAttribute
{
    public FixtureTheoryAttribute(params string[] parts)
    {
        if (Fixtures.Path(parts) is null)
            Skip = $"fixture {string.Join('/', parts)} not found: set LLICM_FIXTURES to the folder that holds it";
    }
}
