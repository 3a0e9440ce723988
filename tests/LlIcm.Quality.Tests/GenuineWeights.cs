using LlIcm.TestSupport;

namespace LlIcm.Quality.Tests;

/// <summary>Published weights that lie beside the fixtures, or where <c>LLICM_MODELS</c> says.</summary>
internal static class GenuineWeights
{
    private const string SqueezeNetFile = "squeezenet1_1_features.safetensors";

    /// <summary>ImageNet weights of SqueezeNet 1.1's convolutional part.</summary>
    /// <exception cref="FileNotFoundException">They are in none of the places.</exception>
    public static string SqueezeNet()
    {
        string?[] folders =
        [
            Environment.GetEnvironmentVariable("LLICM_MODELS"),
            Fixtures.Root is null ? null : Path.Combine(Fixtures.Root, "..", "weights"),
        ];
        return folders.Where(folder => !string.IsNullOrEmpty(folder))
            .Select(folder => Path.Combine(folder!, SqueezeNetFile)).FirstOrDefault(File.Exists)
            ?? throw new FileNotFoundException($"{SqueezeNetFile}: set LLICM_MODELS to its folder");
    }
}
