import { configure } from '@testing-library/react-native';

// A busy machine may take seconds for the first screen of a file, whose modules are compiled then.
configure({ asyncUtilTimeout: 10_000 });
