using LlIcm.Quality;
using LlIcm.Tensors.Serialization;

namespace LlIcm.Training;

/// <summary>Loads LPIPS for a recipe that asks for it.</summary>
internal static class PerceptualLoss
{
    /// <summary>Loads the network.</summary>
    /// <param name="network">Which one.</param>
    /// <param name="features">Its weights; null: those of the store, of SqueezeNet alone.</param>
    /// <param name="key">The key that asks for it.</param>
    /// <exception cref="TrainingException">The weights are missing or unusable; the message says how to get them.</exception>
    public static Lpips Load(LpipsNetwork network, string? features, string key)
    {
        string? path = Find(network, features);
        if (path is null)
        {
            string hint = network == LpipsNetwork.Squeeze ? " (`llicm models fetch lpips-squeeze`)" : "";
            throw new TrainingException($"recipe: {key} needs perceptual_features, weights of LPIPS' network{hint}");
        }
        try
        {
            return Lpips.Load(network, path);
        }
        catch (Exception error) when (error is QualityException or WeightFormatException)
        {
            throw new TrainingException(error.Message, error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TrainingException($"{path}: {error.Message}", error);
        }
    }

    /// <summary>Where the weights are; null if they are nowhere.</summary>
    public static string? Find(LpipsNetwork network, string? features) =>
        network == LpipsNetwork.Squeeze ? Lpips.FindWeights(features) : features;
}
