using LlIcm.Training.Degradations;

namespace LlIcm.Training.Tests.Degradations;

public class DegradationTests
{
    private static readonly DegradationSampler s_sampler = new();

    public static TheoryData<Degradation> Kinds => [.. Enum.GetValues<Degradation>()];

    public static TheoryData<Degradation> Spoiling => [.. DegradationNames.All];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Same_seed_gives_the_same_picture(Degradation kind)
    {
        PlanarImage clean = Photographs.Make(96, 64);
        DegradedSample a = s_sampler.Sample(clean, kind, new Xoshiro256(7));
        DegradedSample b = s_sampler.Sample(clean, kind, new Xoshiro256(7));
        Assert.Equal(a.Degraded.Pixels, b.Degraded.Pixels);
        Assert.Equal(a.Mask, b.Mask);
    }

    [Theory]
    [MemberData(nameof(Spoiling))]
    public void Another_seed_gives_another_picture(Degradation kind)
    {
        PlanarImage clean = Photographs.Make(96, 64);
        DegradedSample[] samples = [.. Enumerable.Range(0, 4).Select(
            seed => s_sampler.Sample(clean, kind, new Xoshiro256((ulong)seed)))];
        Assert.Equal(4, samples.Select(sample => Photographs.MeanSquare(sample.Degraded, clean)).Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Result_has_8_bit_levels_and_leaves_the_clean_picture_alone(Degradation kind)
    {
        PlanarImage clean = Photographs.Make(70, 90), copy = clean.Clone();
        for (ulong seed = 0; seed < 8; seed++)
        {
            DegradedSample sample = s_sampler.Sample(clean, kind, new Xoshiro256(seed));
            Assert.Equal(kind, sample.Kind);
            Assert.Same(clean, sample.Clean);
            Assert.All(sample.Degraded.Pixels, v => Assert.True(
                v >= 0f && v <= 1f && Math.Abs(v * 255f - MathF.Round(v * 255f)) < 1e-3f, $"{v} is no 8-bit level"));
        }
        Assert.Equal(copy.Pixels, clean.Pixels);
    }

    [Theory]
    [MemberData(nameof(Spoiling))]
    public void Heavy_is_farther_from_the_clean_picture_than_mild(Degradation kind)
    {
        PlanarImage clean = Photographs.Make(128, 128);
        double Distance(float severity) => Enumerable.Range(0, 24).Average(seed => Photographs.MeanSquare(
            s_sampler.Sample(clean, kind, new Xoshiro256((ulong)seed), severity).Degraded, clean));
        double mild = Distance(0f), heavy = Distance(1f);
        Assert.True(mild > 0 && heavy > 1.5 * mild, $"mild {mild}, heavy {heavy}");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Odd_and_tiny_pictures_work(Degradation kind)
    {
        foreach ((int width, int height) in new[] { (1, 1), (3, 2), (17, 41), (33, 8) })
        {
            PlanarImage clean = Photographs.Make(width, height);
            for (ulong seed = 0; seed < 12; seed++)
            {
                DegradedSample sample = s_sampler.Sample(clean, kind, new Xoshiro256(seed), seed / 11f);
                Assert.Equal((width, height), (sample.Degraded.Width, sample.Degraded.Height));
            }
        }
    }

    [Fact]
    public void Clean_changes_nothing()
    {
        PlanarImage clean = Photographs.Make(32, 32);
        Assert.Equal(clean.Pixels, s_sampler.Sample(clean, Degradation.Clean, new Xoshiro256(3)).Degraded.Pixels);
    }

    [Fact]
    public void Severity_outside_0_to_1_is_refused()
    {
        PlanarImage clean = Photographs.Make(8, 8);
        foreach (float severity in new[] { -0.1f, 1.1f, float.NaN })
        {
            Assert.Throws<ArgumentOutOfRangeException>(
                () => s_sampler.Sample(clean, Degradation.Rainy, new Xoshiro256(1), severity));
        }
    }

    [Fact]
    public void Rain_only_adds_light_to_a_dark_picture()
    {
        PlanarImage clean = new(96, 96);
        Array.Fill(clean.Pixels, 0.2f);
        clean.Quantise();
        PlanarImage rainy = s_sampler.Sample(clean, Degradation.Rainy, new Xoshiro256(5), 0.7f).Degraded;
        Assert.All(rainy.Pixels, v => Assert.True(v >= clean.Pixels[0] - 1e-6f));
        Assert.True(Photographs.Mean(rainy) > Photographs.Mean(clean) + 0.01);
    }

    [Fact]
    public void Rain_streaks_run_along_their_angle()
    {
        // With one steep angle, differences along it are small against those across.
        RainOptions options = new() { Angle = new(0f, 0f), LayerAngle = 0f, StreakAngle = 0f, Veil = new(0f, 0f) };
        PlanarImage clean = new(128, 128);
        PlanarImage rainy = new Rain(options).Apply(clean, new Xoshiro256(2), 0.6f).Degraded;
        double along = 0, across = 0;
        for (int y = 0; y < 127; y++)
        {
            for (int x = 0; x < 127; x++)
            {
                float v = rainy.Pixels[y * 128 + x];
                across += Math.Abs(rainy.Pixels[y * 128 + x + 1] - v);
                along += Math.Abs(rainy.Pixels[(y + 1) * 128 + x] - v);
            }
        }
        Assert.True(across > 3 * along, $"across {across}, along {along}");
    }

    [Fact]
    public void Haze_lowers_the_contrast()
    {
        PlanarImage clean = Photographs.Make(128, 128);
        for (ulong seed = 0; seed < 6; seed++)
        {
            PlanarImage hazy = s_sampler.Sample(clean, Degradation.Hazy, new Xoshiro256(seed), 0.8f).Degraded;
            Assert.True(Detail(hazy) < 0.8 * Detail(clean), $"seed {seed}: {Detail(hazy)} of {Detail(clean)}");
        }

        static double Detail(PlanarImage image) =>
            image.Pixels.Skip(1).Zip(image.Pixels, (a, b) => (double)Math.Abs(a - b)).Average();
    }

    [Fact]
    public void Shadow_darkens_a_part_and_leaves_the_rest_as_it_is()
    {
        PlanarImage clean = Photographs.Make(128, 128);
        ShadowOptions options = new() { Penumbra = new(0.5f, 1f) };
        DegradedSample sample = new Shadow(options).Apply(clean, new Xoshiro256(1), 1f);
        int same = 0, darker = 0;
        for (int i = 0; i < clean.PlaneSize; i++)
        {
            float before = clean.Pixels[i], after = sample.Degraded.Pixels[i];
            if (Math.Abs(before - after) < 1e-6f) same++;
            else if (after < 0.6f * before) darker++;
        }
        Assert.True(same > 0.15 * clean.PlaneSize && darker > 0.02 * clean.PlaneSize, $"{same} same, {darker} darker");
        Assert.True(same + darker > 0.8 * clean.PlaneSize);
    }

    [Fact]
    public void Gaussian_noise_has_the_deviation_asked_for()
    {
        PlanarImage clean = new(256, 256);
        Array.Fill(clean.Pixels, 0.5f);
        NoiseOptions options = new() { GaussianChance = 1f, Sigma = new(10f, 25f) };
        foreach ((float severity, double sigma) in new[] { (0f, 10.0), (1f, 25.0) })
        {
            PlanarImage noisy = new Noise(options).Apply(clean, new Xoshiro256(1), severity).Degraded;
            Assert.Equal(sigma, 255 * Math.Sqrt(Photographs.MeanSquare(noisy, clean)), 0.02 * sigma);
        }
    }

    [Fact]
    public void Camera_noise_is_stronger_where_there_is_light_and_correlated_between_neighbours()
    {
        PlanarImage dark = new(256, 256), light = new(256, 256);
        Array.Fill(dark.Pixels, 0.02f);
        Array.Fill(light.Pixels, 0.5f);
        SensorNoise.Add(dark, 0.001f, 0.001f, 0.5f, 1f, new Xoshiro256(1));
        SensorNoise.Add(light, 0.001f, 0.001f, 0.5f, 1f, new Xoshiro256(1));
        double[] noise = [.. light.Pixels.Take(256 * 256).Select(v => v - 0.5)];
        double variance = noise.Average(v => v * v);
        Assert.True(variance > 5 * dark.Pixels.Take(256 * 256).Average(v => (v - 0.02) * (v - 0.02)));
        Assert.True(noise.Skip(1).Zip(noise, (a, b) => a * b).Average() > 0.2 * variance);
    }

    [Fact]
    public void Low_light_is_dark()
    {
        PlanarImage clean = Photographs.Make(64, 64);
        PlanarImage dark = s_sampler.Sample(clean, Degradation.LowLight, new Xoshiro256(1), 0.9f).Degraded;
        Assert.True(Photographs.Mean(dark) < 0.45 * Photographs.Mean(clean));
    }

    [Fact]
    public void Motion_blur_keeps_an_even_area_and_smears_a_point()
    {
        PlanarImage clean = new(65, 65);
        Array.Fill(clean.Pixels, 100f / 255f);
        MotionBlur blur = new();
        PlanarImage even = blur.Apply(clean, new Xoshiro256(1), 0.5f).Degraded;
        Assert.All(even.Pixels, v => Assert.Equal(100f / 255f, v, 1.01f / 255f));
        Array.Clear(clean.Pixels);
        clean.Pixels[32 * 65 + 32] = 1f;
        PlanarImage smeared = blur.Apply(clean, new Xoshiro256(1), 0.5f).Degraded;
        Assert.True(smeared.Plane(0).ToArray().Count(v => v > 0f) > 8);
        Assert.True(smeared.Plane(0).ToArray().Max() < 0.9f);
    }
}
