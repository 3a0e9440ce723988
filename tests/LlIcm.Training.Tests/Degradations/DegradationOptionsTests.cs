using LlIcm.Training.Degradations;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace LlIcm.Training.Tests.Degradations;

public class DegradationOptionsTests
{
    [Fact]
    public void Options_can_be_read_from_yaml_and_what_is_absent_keeps_its_default()
    {
        DegradationOptions options = new DeserializerBuilder()
            .WithNamingConvention(UnderscoredNamingConvention.Instance).Build().Deserialize<DegradationOptions>(
                """
                weights: { Hazy: 2, Noisy: 0.5 }
                severity: { min: 0.2, max: 0.8 }
                noise: { gaussian_chance: 1, sigma: { min: 3, max: 9 } }
                holes: { weights: { Half: 1 } }
                """);
        Assert.Equal(2f, options.Weights[Degradation.Hazy]);
        Assert.Equal(2, options.Weights.Count);
        Assert.Equal(new Interval(0.2f, 0.8f), options.Severity);
        Assert.Equal(new Interval(3f, 9f), options.Noise.Sigma);
        Assert.Equal(new NoiseOptions().CameraSigma, options.Noise.CameraSigma);
        Assert.Equal([HolePattern.Half], options.Holes.Weights.Keys);
        Assert.Equal(new RainOptions(), options.Rain);
    }
}
