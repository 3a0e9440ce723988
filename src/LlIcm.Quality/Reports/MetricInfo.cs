namespace LlIcm.Quality;

/// <summary>A metric that can be asked for by name.</summary>
/// <param name="Name">Its name: <c>psnr</c>, <c>lpips-alex</c>, …</param>
/// <param name="Description">What it is, a few words.</param>
/// <param name="Unit">Its unit or scale, or nothing.</param>
/// <param name="LowerIsBetter">Whether it is a distance.</param>
/// <param name="NeedsReference">Whether it takes the original, too.</param>
/// <param name="Model">The published weights it needs (<see cref="Zoo.PublishedModel.Id"/>), or null.</param>
public sealed record MetricInfo(
    string Name, string Description, string Unit, bool LowerIsBetter, bool NeedsReference, string? Model)
{
    /// <summary>Its field in JSON: the name with underscores; <c>lpips</c> for <c>lpips-squeeze</c>.</summary>
    public string Field => Name == "lpips-squeeze" ? "lpips" : Name.Replace('-', '_');
}
